import { describe, expect, it } from 'vitest';
import {
  ITEM_KEYS,
  ItemJsonCodec,
  isHistoryKnown,
  parseItem,
  parseMirrorRow,
  RevisionCodec,
  SCHEMA_VERSION,
} from '../../../../functions/mirror/mirror-rows.ts';
import { planItem } from '../../../../functions/mirror/plan-item.ts';
import type { Row } from '../../../../functions/shared/dynamodb.ts';
import { bankItem, ID } from '../../../support/items-table.ts';

describe('the keys of an item', () => {
  it('are in one partition, with a sort key for each kind of row', () => {
    expect(ITEM_KEYS.item(ID)).toEqual({ itemBankId: ID, sk: 'ITEM' });
    expect(ITEM_KEYS.itemJson(ID)).toEqual({ itemBankId: ID, sk: 'ITEM_JSON' });
    expect(ITEM_KEYS.revision(ID, 12, 'abc')).toEqual({ itemBankId: ID, sk: 'REVISION#000012#abc' });
  });

  it('order revisions by their place in the history', () => {
    const places = [2, 10, 9, 999_999, 1];
    const keys = places.map((place) => ITEM_KEYS.revision(ID, place, 'abc').sk);
    expect(keys.toSorted().map((sk) => Number(sk.split('#')[1]))).toEqual([1, 2, 9, 10, 999_999]);
  });
});

/** The rows of an item with all the bookkeeping there can be. */
function rows() {
  const plan = planItem({ before: undefined, stored: [], bank: bankItem() });
  if (plan.kind !== 'planned') throw new Error(plan.failure.message);
  const at = '2026-11-23T09:00:00.000Z';
  const item: Row = {
    ...ITEM_KEYS.item(ID),
    ...plan.item,
    fieldIssues: [{ field: 'asl', received: 'array', expected: 'object' }],
    version: 7,
    lastVerifiedAt: at,
    lastChangedAt: at,
    changedBy: 15,
    change: 'updated',
    unpublished: 'ItemUpdated',
    failure: {
      reason: 'GITHUB_ERROR',
      message: 'no answer',
      githubRequestId: 'A1',
      since: at,
      at,
      jobExecutionId: 15,
    },
    incomplete: true,
    removal: { reason: 'DELETED', at, jobExecutionId: 15 },
    webhook: { state: 'present', id: 7, secretVersion: 'v1', checkedAt: at, metAt: at },
  };
  return { item, itemJson: plan.itemJson, revision: { ...plan.revisionsToPut[0] } };
}

describe('a row', () => {
  it('is read as it is', () => {
    const { item, itemJson, revision } = rows();
    expect(parseItem(item)).toEqual(item);
    expect(parseMirrorRow(ItemJsonCodec, itemJson)).toEqual(itemJson);
    expect(parseMirrorRow(RevisionCodec, revision)).toEqual(revision);
  });

  it('keeps attributes that this release does not know', () => {
    const { item, itemJson, revision } = rows();
    const more = { keywords: ['bridge'] };
    const nested = {
      failure: { ...Object(item['failure']), ...more },
      webhook: { state: 'present', ...more },
    };
    expect(parseItem({ ...item, ...more, ...nested })).toEqual({ ...item, ...more, ...nested });
    expect(parseMirrorRow(ItemJsonCodec, { ...itemJson, ...more })).toEqual({ ...itemJson, ...more });
    expect(parseMirrorRow(RevisionCodec, { ...revision, ...more })).toEqual({ ...revision, ...more });
  });

  it('may have reasons and webhook states that this release does not know', () => {
    const { item } = rows();
    const newer = {
      failure: { ...Object(item['failure']), reason: 'NEWER' },
      webhook: { state: 'newer' },
    };
    expect(parseItem({ ...item, ...newer })).toMatchObject(newer);
  });

  it('of a repository that has never had a valid item.json needs no more than this', () => {
    const row = { itemBankId: ID, nodeId: 'R_one', repositoryName: 'one', archived: false, version: 0 };
    expect(parseItem(row)).toEqual(row);
  });

  it('of an earlier release has no field issues', () => {
    const { fieldIssues: _, ...item } = rows().item;
    expect(parseItem({ ...item, schemaVersion: 1 })).toEqual({ ...item, schemaVersion: 1 });
  });

  it('of an earlier release has its unpublished event under the present name', () => {
    const { unpublished, ...item } = rows().item;
    expect(parseItem({ ...item, unannounced: unpublished })).toEqual({ ...item, unpublished });
  });

  it.each<[attribute: string, value: unknown, fault: string]>([
    ['itemBankId', 0, 'itemBankId: expected an item bank id'],
    ['itemBankId', '7', 'itemBankId: expected an item bank id'],
    ['nodeId', undefined, 'nodeId: Invalid input: expected string, received undefined'],
    ['repositoryName', 7, 'repositoryName: Invalid input: expected string, received number'],
    ['archived', 'false', 'archived: Invalid input: expected boolean, received string'],
    ['version', undefined, 'version: Invalid input: expected number, received undefined'],
    ['version', 1.5, 'version: Invalid input: expected int, received number'],
    ['schemaVersion', 'one', 'schemaVersion: Invalid input: expected number, received string'],
    ['headCommit', null, 'headCommit: Invalid input: expected string, received null'],
    ['fieldIssues', [{ field: 'asl' }], 'fieldIssues.0.received: Invalid input'],
    ['unpublished', 'ItemRenamed', 'unpublished: Invalid option'],
    ['unannounced', 'ItemRenamed', 'unannounced: Invalid option'],
    ['removal', true, 'removal: Invalid input: expected object, received boolean'],
    ['failure', { reason: 'DELETED', message: 'm', at: 'then' }, 'failure.since: Invalid input'],
    ['failure', { reason: 7, message: 'm', at: 'then', since: 'then' }, 'failure.reason: expected string'],
    ['webhook', { id: 7 }, 'webhook.state: expected string'],
  ])('is not read as ITEM if %s is %j', (attribute, value, fault) => {
    const row = { ...rows().item, [attribute]: value };
    const message = `the row ITEM of item bank id ${row['itemBankId']} cannot be read: ${fault}`;
    expect(() => parseItem(row)).toThrow(
      expect.objectContaining({
        name: 'RowInvalid',
        retry: 'never',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('is not read as ITEM_JSON or as a revision if an attribute has another type', () => {
    const { itemJson, revision } = rows();
    const invalid = expect.objectContaining({ name: 'RowInvalid' });
    expect(() => parseMirrorRow(ItemJsonCodec, { ...itemJson, gzip: 'text' })).toThrow(invalid);
    expect(() => parseMirrorRow(RevisionCodec, { ...revision, authoredAt: undefined })).toThrow(invalid);
  });
});

describe('a row of a newer release', () => {
  const newer = (changes: Row): Row => ({
    ...rows().item,
    schemaVersion: SCHEMA_VERSION + 1,
    ...changes,
  });

  it('is recognized by its version', () => {
    expect(parseItem(newer({}))).toEqual(newer({}));
  });

  it('loses the attributes that this release cannot read, and keeps all others', () => {
    const unreadable = { branch: { name: 'main' }, webhook: 'present', change: 'renamed' };
    const { branch: _, webhook: __, change: ___, ...readable } = newer({});
    expect(parseItem(newer({ ...unreadable, keywords: ['bridge'] }))).toEqual({
      ...readable,
      keywords: ['bridge'],
    });
  });

  it('is rejected as too new if it lacks what is needed to overwrite it', () => {
    const tooNew = expect.objectContaining({ name: 'RowTooNew', retry: 'never' });
    expect(() => parseItem(newer({ version: 'seven' }))).toThrow(tooNew);
  });
});

describe('the stored history of an item', () => {
  const row = (version: number, attributes: Row = {}) => {
    const { incomplete: _, ...complete } = rows().item;
    return parseItem({ ...complete, schemaVersion: version, ...attributes });
  };

  it.each([
    ['has all that this release shows', { commits: 2, statuses: 2 }, true],
    ['lacks what this release shows of a commit', { commits: 3, statuses: 2 }, false],
    ['has statuses that this release reads differently', { commits: 2, statuses: 3 }, false],
  ])('is used if it %s', (_, since, isKnown) => {
    expect(isHistoryKnown(row(2), since)).toBe(isKnown);
    expect(isHistoryKnown(row(1, { revisionsSchemaVersion: 2 }), since)).toBe(isKnown);
  });

  it('is not used if it is incomplete, or of a later release', () => {
    expect(isHistoryKnown(row(SCHEMA_VERSION))).toBe(true);
    expect(isHistoryKnown(row(SCHEMA_VERSION, { incomplete: true }))).toBe(false);
    expect(isHistoryKnown(row(SCHEMA_VERSION + 1))).toBe(false);
  });
});
