import { describe, expect, it } from 'vitest';
import { historyFields, type Revision } from '../../../../functions/mirror/item-history.ts';

const at = (hour: number) => `2026-03-01T0${hour}:00:00Z`;

/** One revision per hour, with these workflow statuses. */
function revisionsWith(statuses: readonly (string | undefined)[]): Revision[] {
  return statuses.map((workflowStatus, hour) => ({
    sha: String(hour).repeat(40),
    authoredAt: at(hour),
    author: `author-${hour}`,
    ...(workflowStatus !== undefined && { workflowStatus }),
  }));
}

describe('the history of an item', () => {
  it('names who created and who last changed the item, by the order of the revisions', () => {
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

  it('may have one revision', () => {
    expect(historyFields(revisionsWith([undefined]), undefined)).toStrictEqual({
      createdAt: at(0),
      createdBy: 'author-0',
      updatedAt: at(0),
      updatedBy: 'author-0',
      revisionCount: 1,
    });
  });

  it('leaves out the times of revisions without a time', () => {
    const untimed = revisionsWith(['Draft']).map(({ authoredAt: _, ...others }) => others);
    expect(historyFields(untimed, 'Draft')).toStrictEqual({
      createdBy: 'author-0',
      updatedBy: 'author-0',
      revisionCount: 1,
    });
    expect(historyFields([...untimed, ...revisionsWith([undefined, 'Final'])], 'Final')).toStrictEqual({
      createdBy: 'author-0',
      updatedAt: at(1),
      updatedBy: 'author-1',
      workflowStatusSetAt: at(1),
      revisionCount: 3,
    });
  });

  it('may not be empty', () => {
    expect(() => historyFields([], 'Draft')).toThrow(RangeError);
  });
});

describe('the workflow status of an item', () => {
  it.each([
    ['the only revision', ['Review'], 0],
    ['the newest revision', ['Draft', 'Review'], 1],
    ['the oldest of several consecutive revisions with it', ['Draft', 'Review', 'Review', 'Review'], 1],
    ['the first revision of the history', ['Review', 'Review'], 0],
    ['the revision that returned to it', ['Review', 'Draft', 'Review', 'Review'], 2],
    ['a revision before others without a status', ['Draft', 'Review', undefined, 'Review', undefined], 1],
    ['a revision after others without a status', ['Draft', undefined, 'Review'], 2],
    ['a revision after a first one without a status', [undefined, 'Review', undefined], 1],
  ])('was set by %s', (_, statuses, hour) => {
    expect(historyFields(revisionsWith(statuses), 'Review').workflowStatusSetAt).toBe(at(hour));
  });

  it.each([
    ['the item has none', ['Draft'], undefined],
    ['no revision has it', ['Draft', undefined], 'Review'],
    ['no revision has any', [undefined, undefined], 'Review'],
    ['the newest revision with a status has another', ['Review', 'Draft', undefined], 'Review'],
  ])('has no such time if %s', (_, statuses, status) => {
    expect(historyFields(revisionsWith(statuses), status)).not.toHaveProperty('workflowStatusSetAt');
  });
});
