import { describe, expect, it } from 'vitest';
import { historyFields, type Revision } from '../../../../functions/mirror/item-history.ts';

const at = (hour: number) => `2026-03-01T0${hour}:00:00.000Z`;

const withStatus = (workflowStatus: string | undefined) =>
  workflowStatus === undefined ? {} : { workflowStatus };

/** One revision per hour, with these workflow statuses. */
function revisionsWith(statuses: readonly (string | undefined)[]): Revision[] {
  return statuses.map((workflowStatus, hour) => ({
    sha: String(hour).repeat(40),
    committedAt: at(hour),
    // Written in another order than committed, like after a rebase.
    authoredAt: at(9 - hour),
    author: `Author ${hour}`,
    authorLogin: `author-${hour}`,
    ...(workflowStatus !== undefined && { workflowStatus }),
  }));
}

describe('the history of an item', () => {
  it('names who created and who last changed the item, by the order of the revisions', () => {
    const revisions = revisionsWith(['Review', undefined, 'Draft']).toReversed();
    expect(historyFields(revisions, withStatus('Review'))).toStrictEqual({
      createdAt: at(2),
      createdBy: 'Author 2',
      createdByLogin: 'author-2',
      updatedAt: at(0),
      updatedBy: 'Author 0',
      updatedByLogin: 'author-0',
      workflowStatusSetAt: at(0),
      contentChangedAfterOperational: false,
      revisionCount: 3,
    });
  });

  it('may have one revision', () => {
    expect(historyFields(revisionsWith([undefined]), {})).toStrictEqual({
      createdAt: at(0),
      createdBy: 'Author 0',
      createdByLogin: 'author-0',
      updatedAt: at(0),
      updatedBy: 'Author 0',
      updatedByLogin: 'author-0',
      contentChangedAfterOperational: false,
      revisionCount: 1,
    });
  });

  it('leaves out the times of revisions without a time', () => {
    const untimed = revisionsWith(['Draft']).map(({ committedAt: _, ...others }) => others);
    expect(historyFields(untimed, withStatus('Draft'))).toStrictEqual({
      createdBy: 'Author 0',
      createdByLogin: 'author-0',
      updatedBy: 'Author 0',
      updatedByLogin: 'author-0',
      contentChangedAfterOperational: false,
      revisionCount: 1,
    });
    expect(
      historyFields([...untimed, ...revisionsWith([undefined, 'Final'])], withStatus('Final')),
    ).toStrictEqual({
      createdBy: 'Author 0',
      createdByLogin: 'author-0',
      updatedAt: at(1),
      updatedBy: 'Author 1',
      updatedByLogin: 'author-1',
      workflowStatusSetAt: at(1),
      contentChangedAfterOperational: false,
      revisionCount: 3,
    });
  });

  it('may not be empty', () => {
    expect(() => historyFields([], withStatus('Draft'))).toThrow(RangeError);
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
    expect(historyFields(revisionsWith(statuses), withStatus('Review')).workflowStatusSetAt).toBe(at(hour));
  });

  it.each([
    ['the item has none', ['Draft'], undefined],
    ['no revision has it', ['Draft', undefined], 'Review'],
    ['no revision has any', [undefined, undefined], 'Review'],
    ['the newest revision with a status has another', ['Review', 'Draft', undefined], 'Review'],
  ])('has no such time if %s', (_, statuses, status) => {
    expect(historyFields(revisionsWith(statuses), withStatus(status))).not.toHaveProperty(
      'workflowStatusSetAt',
    );
  });
});

describe('the time since when an item is operational', () => {
  it.each([
    ['the first of consecutive revisions', ['Review', 'Operational', 'Operational'], 1],
    ['the first revision of the history', ['Operational', 'Review'], 0],
    ['the last time that it became so', ['Operational', 'Review', 'Operational', 'Review'], 2],
    ['not a revision without a status', ['Review', undefined, 'Operational', undefined, 'Operational'], 2],
  ])('is that of %s', (_, statuses, hour) => {
    expect(historyFields(revisionsWith(statuses), {}).operationalSince).toBe(at(hour));
  });

  it.each([[['Review']], [['operational', undefined]]])('is absent if it never was: %j', (statuses) => {
    expect(historyFields(revisionsWith(statuses), {})).not.toHaveProperty('operationalSince');
  });

  it.each([
    ['the English content changed later', { englishContentUpdatedAt: at(2) }, true],
    [
      'the Spanish content changed later',
      { englishContentUpdatedAt: at(0), spanishContentUpdatedAt: at(2) },
      true,
    ],
    ['the content changed at the same time', { englishContentUpdatedAt: at(1) }, false],
    ['the content changed earlier', { spanishContentUpdatedAt: at(0) }, false],
    ['the content has no date', {}, false],
  ])('tells whether the content changed afterwards: %s', (_, dates, isChanged) => {
    const history = historyFields(revisionsWith(['Review', 'Operational', 'Review']), dates);
    expect(history.contentChangedAfterOperational).toBe(isChanged);
  });

  it('does not tell that of an item that never was operational', () => {
    const dates = { englishContentUpdatedAt: at(2) };
    expect(historyFields(revisionsWith(['Review']), dates).contentChangedAfterOperational).toBe(false);
  });
});
