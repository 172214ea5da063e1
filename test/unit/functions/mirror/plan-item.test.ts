import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ItemFields } from '../../../../functions/mirror/item-fields.ts';
import {
  type ItemKey,
  type MirrorRow,
  SCHEMA_VERSION,
  type StoredRevision,
} from '../../../../functions/mirror/mirror-rows.ts';
import {
  type BankItem,
  type ItemPlan,
  isUnchanged,
  type PlanRequest,
  planItem,
} from '../../../../functions/mirror/plan-item.ts';
import { rowBytes } from '../../../../functions/mirror/row-changes.ts';
import { MINIMAL_FIELDS } from '../../../support/item-json.ts';
import { bankItem, ID, NOW, revisions } from '../../../support/items-table.ts';

function plan(request: Partial<PlanRequest> = {}): ItemPlan {
  const planned = planItem({ before: undefined, stored: [], bank: bankItem(), ...request });
  if (planned.kind === 'planned') return planned;
  throw new Error(planned.failure.message);
}

const rowOf = (bank: BankItem, changes: Partial<MirrorRow> = {}): MirrorRow => ({
  ...plan({ bank }).item,
  version: 1,
  ...changes,
});

const keys = (rows: readonly ItemKey[]): string[] => rows.map(({ sk }) => sk);

describe('an item is unchanged', () => {
  it('if everything that was seen of it equals the row', () => {
    expect(isUnchanged(rowOf(bankItem()), bankItem())).toBe(true);
  });

  it('if it failed in between, but is seen as it was before', () => {
    const failure = { reason: 'ITEM_JSON_INVALID', message: 'no', since: 'then', at: 'then' } as const;
    expect(isUnchanged(rowOf(bankItem(), { failure }), bankItem())).toBe(true);
  });

  it.each([
    { nodeId: 'R_other' },
    { repositoryName: 'renamed' },
    { archived: true },
    { branch: 'create_205030' },
    { isBeingCreated: true },
    { headCommit: 'commit-2' },
    { blobOid: 'blob-2' },
  ])('unless it is seen with %o', (change) => {
    expect(isUnchanged(rowOf(bankItem()), bankItem(change))).toBe(false);
  });

  it.each<Partial<MirrorRow>>([
    { schemaVersion: 0 },
    { incomplete: true },
    { removal: { reason: 'DELETED', at: 'then' } },
  ])('unless its row has %o', (change) => {
    expect(isUnchanged(rowOf(bankItem(), change), bankItem())).toBe(false);
  });

  it('never if there has never been a valid item.json', () => {
    const { itemBankId, nodeId, repositoryName, archived } = bankItem();
    expect(isUnchanged({ itemBankId, nodeId, repositoryName, archived, version: 0 }, bankItem())).toBe(false);
  });
});

describe('a plan', () => {
  it('creates an item that has no row, or a row with a failure only', () => {
    const { itemBankId, nodeId, repositoryName, archived } = bankItem();
    const before = { itemBankId, nodeId, repositoryName, archived, version: 0 };
    expect(plan().outcome).toBe('created');
    expect(plan({ before }).outcome).toBe('created');
  });

  it('updates an item that the mirror shows', () => {
    expect(plan({ before: rowOf(bankItem()) }).outcome).toBe('updated');
  });

  it('contains the attributes that follow from the bank, and no bookkeeping', () => {
    const { fields, keywords: __, itemJson: _, revisions: history, ...seen } = bankItem();
    expect(plan().item).toEqual({
      ...seen,
      ...fields,
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'Alice Archer',
      createdByLogin: 'alice',
      updatedAt: '2026-01-01T02:00:00.000Z',
      updatedBy: 'Alice Archer',
      updatedByLogin: 'alice',
      workflowStatusSetAt: '2026-01-01T00:00:00.000Z',
      contentChangedAfterOperational: false,
      revisionCount: history.length,
      schemaVersion: SCHEMA_VERSION,
    });
  });

  it.each([
    ['the item has the same head', bankItem(), {}, 'derived'],
    ['only the rule for items being created is new', bankItem({ isBeingCreated: true }), {}, 'derived'],
    ['it has another head', bankItem({ headCommit: 'commit-2' }), {}, 'updated'],
    ['it was renamed', bankItem({ repositoryName: 'renamed' }), {}, 'updated'],
    ['an earlier change is half written', bankItem(), { incomplete: true } as const, 'updated'],
  ])(
    'of a row of another release is derived only if nothing else changed: %s',
    (_, bank, changes, outcome) => {
      for (const schemaVersion of [SCHEMA_VERSION - 1, SCHEMA_VERSION + 1]) {
        expect(plan({ before: rowOf(bankItem(), { schemaVersion, ...changes }), bank }).outcome).toBe(
          outcome,
        );
      }
    },
  );

  it('contains the compressed text of item.json and its blob id', () => {
    const { itemJson } = plan({ bank: bankItem({ itemJson: '{"prompt":"3 ≤ π"}' }) });
    expect(itemJson).toMatchObject({ itemBankId: ID, sk: 'ITEM_JSON', blobOid: 'blob-1' });
    expect(gunzipSync(itemJson.gzip).toString('utf8')).toBe('{"prompt":"3 ≤ π"}');
  });

  it('fails for an item without a commit', () => {
    expect(planItem({ before: undefined, stored: [], bank: bankItem({ revisions: [] }) })).toEqual({
      kind: 'failed',
      failure: { reason: 'GITHUB_ERROR', message: 'item.json has no commit in its history' },
    });
  });
});

describe('the revisions of a plan', () => {
  const planWith = (stored: readonly StoredRevision[], bank: Partial<BankItem>): ItemPlan =>
    plan({ stored, bank: bankItem(bank) });
  const stored = plan().revisionsToPut;

  it('are all revisions of a new item, by their place in the history', () => {
    expect(keys(stored)).toEqual([
      'REVISION#000001#main-0',
      'REVISION#000002#main-1',
      'REVISION#000003#main-2',
    ]);
    expect(stored[0]).toEqual({
      itemBankId: ID,
      sk: 'REVISION#000001#main-0',
      ...revisions(1)[0],
    });
  });

  it('are empty if the history has not changed', () => {
    const { revisionsToPut, revisionsToDelete } = planWith(stored, {});
    expect([revisionsToPut, revisionsToDelete]).toEqual([[], []]);
  });

  it('are the new ones if the history has grown', () => {
    const { revisionsToPut, revisionsToDelete } = planWith(stored, { revisions: revisions(5) });
    expect(keys(revisionsToPut)).toEqual(['REVISION#000004#main-3', 'REVISION#000005#main-4']);
    expect(revisionsToDelete).toEqual([]);
  });

  it('replace those that a force push removed', () => {
    const rewritten = [...revisions(1), ...revisions(3, 'forced').slice(1, 2)];
    const { revisionsToPut, revisionsToDelete } = planWith(stored, { revisions: rewritten });
    expect(keys(revisionsToPut)).toEqual(['REVISION#000002#forced-1']);
    expect(keys(revisionsToDelete)).toEqual(['REVISION#000002#main-1', 'REVISION#000003#main-2']);
  });

  it('follow commits that a merge moved to another place', () => {
    const merged = revisions(3).toSpliced(1, 0, ...revisions(1, 'side'));
    const { revisionsToPut, revisionsToDelete } = planWith(stored, { revisions: merged });
    expect(keys(revisionsToPut)).toEqual([
      'REVISION#000002#side-0',
      'REVISION#000003#main-1',
      'REVISION#000004#main-2',
    ]);
    expect(keys(revisionsToDelete)).toEqual(['REVISION#000002#main-1', 'REVISION#000003#main-2']);
  });

  it('replace stored ones that this release cannot read', () => {
    const unreadable = stored.map(({ itemBankId, sk }) => ({ itemBankId, sk }));
    const { revisionsToPut, revisionsToDelete } = planWith(unreadable, { revisions: revisions(2) });
    expect(keys(revisionsToPut)).toEqual(['REVISION#000001#main-0', 'REVISION#000002#main-1']);
    expect(keys(revisionsToDelete)).toEqual(['REVISION#000003#main-2']);
  });

  it('are written again if they have changed', () => {
    const changed = revisions(3).map(({ workflowStatus: _, ...revision }, index) =>
      index === 0 ? revision : { ...revision, workflowStatus: index === 1 ? 'Review' : 'Draft' },
    );
    const { revisionsToPut, revisionsToDelete } = planWith(stored, { revisions: changed });
    expect(keys(revisionsToPut)).toEqual(['REVISION#000001#main-0', 'REVISION#000002#main-1']);
    expect(revisionsToDelete).toEqual([]);
  });
});

describe('a row of the mirror', () => {
  const LIMIT = 350_000;
  const readingOf = (bank: Partial<BankItem>) =>
    planItem({ before: undefined, stored: [], bank: bankItem(bank) });
  const written = { sha: 'long', authoredAt: NOW.toISOString() };
  /** Sets the author of the second of three revisions: the authors of the first and the last are in ITEM too. */
  const byAuthor = (author: string): Partial<BankItem> => ({
    revisions: [...revisions(1), { ...written, author }, ...revisions(1, 'side')],
  });
  const otherBytes = rowBytes({ ...plan({ bank: bankItem(byAuthor('')) }).revisionsToPut[1] });

  it('may be as large as the limit', () => {
    expect(readingOf(byAuthor('x'.repeat(LIMIT - otherBytes))).kind).toBe('planned');
  });

  it('may not be one byte larger', () => {
    expect(readingOf(byAuthor('x'.repeat(LIMIT - otherBytes + 1)))).toEqual({
      kind: 'failed',
      failure: {
        reason: 'ITEM_JSON_TOO_LARGE',
        message: 'a row of the mirror would have 350001 bytes, more than 350000',
      },
    });
  });

  it('may hold a large item.json that is small when compressed', () => {
    const itemJson = 'Which of these is the largest? '.repeat(30_000);
    expect(readingOf({ itemJson }).kind).toBe('planned');
  });

  it('may not hold an item.json that is large even when compressed', () => {
    const itemJson = JSON.stringify(Array.from({ length: 50_000 }, (_, index) => Math.sin(index)));
    expect(readingOf({ itemJson })).toMatchObject({ failure: { reason: 'ITEM_JSON_TOO_LARGE' } });
  });

  it('may not hold fields that are too large', () => {
    const aslAttachments = Array.from({ length: 4_000 }, (_, index) => ({
      fileName: `${index}.mp4`.padStart(90, '0'),
    }));
    const fields: ItemFields = { ...MINIMAL_FIELDS, aslAttachments };
    expect(readingOf({ fields })).toMatchObject({ failure: { reason: 'ITEM_JSON_TOO_LARGE' } });
  });
});
