import { describe, expect, it } from 'vitest';
import { historyFields, type Revision } from '../../../../functions/mirror/item-history.ts';

const at = (hour: number) => `2026-03-01T0${hour}:00:00Z`;

/** One revision an hour, with these workflow statuses. */
function revisionsWith(statuses: readonly (string | undefined)[]): Revision[] {
  return statuses.map((workflowStatus, hour) => ({
    sha: String(hour).repeat(40),
    authoredAt: at(hour),
    author: `author-${hour}`,
    ...(workflowStatus !== undefined && { workflowStatus }),
  }));
}

describe('the history of an item', () => {
  it('says who created it and who changed it last, by the order of the revisions', () => {
    const revisions = revisionsWith(['Review', undefined, 'Draft']).toReversed();
    expect(historyFields(revisions, 'Review')).toStrictEqual({
      createdAt: at(2),
      createdBy: 'author-2',
      updatedAt: at(0),
      updatedBy: 'author-0',
      workflowStatusSetAt: at(0),
      revisionCount: 3,
    });
  });

  it('may be one revision', () => {
    expect(historyFields(revisionsWith([undefined]), undefined)).toStrictEqual({
      createdAt: at(0),
      createdBy: 'author-0',
      updatedAt: at(0),
      updatedBy: 'author-0',
      revisionCount: 1,
    });
  });

  it('is not empty', () => {
    expect(() => historyFields([], 'Draft')).toThrow(RangeError);
  });
});

describe('the workflow status of an item', () => {
  it.each([
    ['the only revision', ['Review'], 0],
    ['the newest revision', ['Draft', 'Review'], 1],
    ['the oldest of several with it', ['Draft', 'Review', 'Review', 'Review'], 1],
    ['the first revision of all', ['Review', 'Review'], 0],
    ['the return to it', ['Review', 'Draft', 'Review', 'Review'], 2],
    ['before revisions that do not say', ['Draft', 'Review', undefined, 'Review', undefined], 1],
    ['after revisions that do not say', ['Draft', undefined, 'Review'], 2],
    ['after a beginning that does not say', [undefined, 'Review', undefined], 1],
  ])('was set at %s', (_, statuses, hour) => {
    expect(historyFields(revisionsWith(statuses), 'Review').workflowStatusSetAt).toBe(at(hour));
  });

  it.each([
    ['the item has none', ['Draft'], undefined],
    ['no revision carries it', ['Draft', undefined], 'Review'],
    ['no revision says any', [undefined, undefined], 'Review'],
    ['the newest revision that says carries another', ['Review', 'Draft', undefined], 'Review'],
  ])('has no such time where %s', (_, statuses, status) => {
    expect(historyFields(revisionsWith(statuses), status)).not.toHaveProperty('workflowStatusSetAt');
  });
});
