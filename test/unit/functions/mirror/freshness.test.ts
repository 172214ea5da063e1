import { describe, expect, it } from 'vitest';
import { lastVerifiedAt } from '../../../../functions/mirror/freshness.ts';
import type { MirrorRow } from '../../../../functions/mirror/mirror-rows.ts';
import { itemBankId } from '../../../../functions/shared/contract/ids.ts';

const MONDAY = '2026-11-23T09:00:00.000Z';
const TUESDAY = '2026-11-24T09:00:00.000Z';
const WEDNESDAY = '2026-11-25T09:00:00.000Z';

const row = (changes: Partial<MirrorRow> = {}): MirrorRow => ({
  itemBankId: itemBankId(1),
  nodeId: 'R_1',
  repositoryName: 'item-1',
  archived: false,
  version: 1,
  lastVerifiedAt: MONDAY,
  lastChangedAt: MONDAY,
  ...changes,
});

describe('an item was last verified', () => {
  it('when the last full run began, or at the time in its row if that is later', () => {
    expect(lastVerifiedAt(row(), TUESDAY)).toBe(TUESDAY);
    expect(lastVerifiedAt(row({ lastVerifiedAt: WEDNESDAY }), TUESDAY)).toBe(WEDNESDAY);
  });

  it('at the time in its row if there was no full run', () => {
    expect(lastVerifiedAt(row(), undefined)).toBe(MONDAY);
  });

  it.each([
    [
      'it failed',
      { failure: { reason: 'ITEM_JSON_INVALID', message: 'not JSON', since: TUESDAY, at: TUESDAY } },
    ],
    ['a run left it to a later one', { deferredAt: TUESDAY }],
    ['its long history is half read', { incomplete: true }],
    // The run may have compared what the row showed before.
    ['it was written after the run began', { lastChangedAt: WEDNESDAY }],
  ] as const)('at the time in its row if %s', (_, changes) => {
    expect(lastVerifiedAt(row(changes), TUESDAY)).toBe(MONDAY);
  });

  it('never, if it was never good', () => {
    const { lastVerifiedAt: _, ...never } = row();
    expect(lastVerifiedAt(never, TUESDAY)).toBeUndefined();
  });
});
