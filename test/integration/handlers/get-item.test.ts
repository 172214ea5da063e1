import { describe, expect, it } from 'vitest';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { asVersion2 } from '../../support/earlier-release.ts';
import {
  bytesOf,
  fileOf,
  fileOfLevels,
  MINIMAL_ITEM,
  WHOLE_ITEM,
  WHOLE_ITEM_FIELDS,
} from '../../support/item-json.ts';
import { newTables } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';
import { leaveRemovalHalfDone, openItemsApi } from './support.ts';

const newTable = useDynamoDb();

/** Starts a bank of one repository. `change` commits to the repository and synchronizes it. */
async function startBankWithRepository() {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const repository = await createEmpty(bank, 'item-1');
  const tables = await newTables(newTable);
  const api = openItemsApi(bank, tables);
  const { itemBankId: id } = repository;
  const change = async (write: Parameters<typeof commit>[2]) => {
    const { commit: sha, blob } = await commit(bank, repository, write);
    await api.sync(id);
    return { sha, blob };
  };
  return { api, id, change, itemsTable: tables.itemsTable, get: () => api.get(id) };
}

const AT_NINE = '2026-11-23T09:00:00.000Z';
const A_MINUTE_LATER = '2026-11-23T09:01:00.000Z';
const TWO_MINUTES_LATER = '2026-11-23T09:02:00.000Z';

describe('GET /items/{itemBankId}', () => {
  it('returns the item, its place in the bank and its freshness', async () => {
    const { id, change, get } = await startBankWithRepository();
    const { sha, blob } = await change({ content: fileOf(WHOLE_ITEM), author: onDay(3) });
    const answer = await get();
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(answer.body).toEqual({
      itemBankId: id,
      repository: 'item-1',
      archived: false,
      mirrored: true,
      item: {
        ...WHOLE_ITEM_FIELDS,
        branch: 'main',
        isBeingCreated: false,
        headCommit: sha,
        blobOid: blob,
        createdAt: '2026-01-03T00:00:00.000Z',
        createdBy: 'Greta Lindqvist',
        createdByLogin: 'glindqvist',
        updatedAt: '2026-01-03T00:00:00.000Z',
        updatedBy: 'Greta Lindqvist',
        updatedByLogin: 'glindqvist',
        contentChangedAfterOperational: false,
        workflowStatusSetAt: '2026-01-03T00:00:00.000Z',
        daysInWorkflowStatus: 324,
        associatedItemCount: 0,
        revisionCount: 1,
      },
      freshness: { lastVerifiedAt: AT_NINE, lastChangedAt: AT_NINE, staleSince: null, deferredAt: null },
      lastFailure: null,
      keywords: [{ section: 'Prompt / Stem', content: 'Explain why the bridge was closed.' }],
      revisions: [
        {
          sha,
          committedAt: '2026-01-03T00:00:00.000Z',
          authoredAt: '2026-01-03T00:00:00.000Z',
          author: 'Greta Lindqvist',
          authorLogin: 'glindqvist',
          workflowStatus: 'ContentReview',
          branch: 'main',
        },
      ],
      itemJson: WHOLE_ITEM,
    });
  });

  it('counts days in the workflow status from midnight to midnight', async () => {
    const { api, change, get } = await startBankWithRepository();
    const content = fileOf({ ...MINIMAL_ITEM, workflow: { workflowStatusCode: 'Draft' } });
    await change({ content, author: { ...onDay(1), date: '2026-11-22T23:59:59Z' } });
    expect((await get()).body).toMatchObject({ item: { daysInWorkflowStatus: 1 } });
    api.clock.advance(15 * 60 * MINUTE_MS);
    expect((await get()).body).toMatchObject({ item: { daysInWorkflowStatus: 2 } });
  });

  it('says how many keywords did not fit into their row', async () => {
    const { change, get } = await startBankWithRepository();
    const options = ['a', 'b'].map((letter) => ({ text: letter.repeat(200_000) }));
    await change({ content: fileOf({ ...MINIMAL_ITEM, core: { en: { options } } }) });
    expect((await get()).body).toMatchObject({ keywords: [{ section: 'Options' }], omittedKeywords: 1 });
    await change({ content: fileOf(MINIMAL_ITEM) });
    const { body } = await get();
    expect(body).toMatchObject({ keywords: [] });
    expect(body).not.toHaveProperty('omittedKeywords');
  });

  it('omits the keywords of an item that an earlier release wrote', async () => {
    const { change, itemsTable, get } = await startBankWithRepository();
    await change({ content: fileOf(WHOLE_ITEM) });
    await asVersion2(itemsTable);
    const { status, body } = await get();
    expect({ status, body }).toMatchObject({ status: 200, body: { mirrored: true } });
    expect(body).not.toHaveProperty('keywords');
  });

  it('returns the fields of item.json that could not be read', async () => {
    const { api, change, get } = await startBankWithRepository();
    await change({ content: fileOf({ ...MINIMAL_ITEM, asl: { isAslProvided: 'perhaps' } }) });
    const item = {
      fieldIssues: [{ field: 'asl.isAslProvided', received: 'string', expected: 'true or false' }],
    };
    expect((await get()).body).toMatchObject({ item, lastFailure: null });
    expect((await api.find({ itemId: MINIMAL_ITEM.id })).body).toMatchObject({ items: [{ item }] });
    expect(api.log.lines).toMatchObject([
      {
        level: 'WARN',
        message: expect.stringMatching(
          /: created\. Unreadable fields of item\.json were left out: asl\.isAslProvided \(expected true or false, received string\)$/,
        ),
      },
    ]);
  });

  it('returns the revisions of the item, oldest first', async () => {
    const { change, get } = await startBankWithRepository();
    const statuses = ['Draft', 'ContentReview', 'Final'];
    for (const [index, workflowStatusCode] of statuses.entries()) {
      const content = fileOf({ ...MINIMAL_ITEM, workflow: { workflowStatusCode } });
      await change({ content, author: onDay(index + 1) });
    }
    const { body } = await get();
    expect(body['revisions']).toMatchObject(
      statuses.map((workflowStatus, index) => ({ workflowStatus, authoredAt: onDay(index + 1).date })),
    );
    expect(body).toMatchObject({ item: { revisionCount: 3, workflowStatus: 'Final' } });
  });

  it.each([
    ['a __proto__ key', '{"id":"1","type":"mc","__proto__":{"isAdmin":true},"constructor":{"prototype":1}}'],
    [
      'numbers that JavaScript cannot represent',
      '{"id":"1","type":"mc","many":12345678901234567890,"small":-0,"huge":1e400}',
    ],
    [
      'unusual characters',
      '{"id":"1","type":"mc","text":"Größe 𝛑 \\ud83d\\ude00 \\ud800 \\u0000 </script>"}',
    ],
    ['the deepest nesting allowed', new TextDecoder().decode(fileOfLevels(100))],
    ['unusual whitespace', '\n{ "id": "1",\r\n\t"type": "mc" }\n'],
    ['a duplicate key', '{"id":"1","type":"mc","id":"2"}'],
  ])('returns item.json byte for byte when it has %s', async (_, content) => {
    const { change, get } = await startBankWithRepository();
    await change({ content: bytesOf(content) });
    const { status, text, body } = await get();
    expect(status).toBe(200);
    expect(text.endsWith(`,"itemJson":${content}}`)).toBe(true);
    expect(body['itemJson']).toEqual(JSON.parse(content));
    expect({}).not.toHaveProperty('isAdmin');
  });

  it('returns when the item was last verified and when it last changed', async () => {
    const { api, id, change, get } = await startBankWithRepository();
    await change({ content: fileOf(MINIMAL_ITEM) });
    api.clock.advance(MINUTE_MS);
    await api.sync(id);
    expect((await get()).body).toMatchObject({
      freshness: { lastVerifiedAt: A_MINUTE_LATER, lastChangedAt: AT_NINE, staleSince: null },
    });
  });

  it('returns the last valid item while item.json is invalid, with the reason and the time', async () => {
    const { api, change, get } = await startBankWithRepository();
    await change({ content: fileOf(MINIMAL_ITEM) });
    const good = (await get()).body;
    api.clock.advance(MINUTE_MS);
    await change({ content: '[]' });
    api.clock.advance(MINUTE_MS);
    await change({ content: 'no JSON' });
    expect((await get()).body).toEqual({
      ...good,
      freshness: {
        lastVerifiedAt: AT_NINE,
        lastChangedAt: AT_NINE,
        staleSince: A_MINUTE_LATER,
        deferredAt: null,
      },
      lastFailure: {
        reason: 'ITEM_JSON_INVALID',
        message: expect.stringContaining('not JSON'),
        since: A_MINUTE_LATER,
        at: TWO_MINUTES_LATER,
      },
    });
    await change({ content: fileOf({ ...MINIMAL_ITEM, type: 'er' }) });
    expect((await get()).body).toMatchObject({
      item: { type: 'er' },
      freshness: { lastVerifiedAt: TWO_MINUTES_LATER, staleSince: null },
      lastFailure: null,
    });
  });

  it('returns only the failure of an item that was never valid', async () => {
    const { id, change, get } = await startBankWithRepository();
    await change({ content: '{"id":"eleven","type":"mc"}' });
    expect((await get()).body).toEqual({
      itemBankId: id,
      repository: 'item-1',
      archived: false,
      mirrored: false,
      item: null,
      freshness: { lastVerifiedAt: null, lastChangedAt: null, staleSince: AT_NINE, deferredAt: null },
      lastFailure: {
        reason: 'ITEM_ID_NOT_NUMERIC',
        message: expect.any(String),
        since: AT_NINE,
        at: AT_NINE,
      },
      keywords: [],
      revisions: [],
      itemJson: null,
    });
  });
});

describe('GET /items/{itemBankId} answers', () => {
  const NOT_FOUND = { status: 404, body: { code: 'ITEM_NOT_FOUND', detail: expect.any(String) } };

  it('404 for an item that was never mirrored', async () => {
    const { get } = await startBankWithRepository();
    expect(await get()).toMatchObject(NOT_FOUND);
  });

  it('404 for an item that is being removed', async () => {
    const { api, id, change, get } = await startBankWithRepository();
    await change({ content: fileOf(MINIMAL_ITEM) });
    await leaveRemovalHalfDone(api, id);
    expect(await get()).toMatchObject(NOT_FOUND);
  });

  it.each(['0', '01', 'item-1', '9007199254740992'])('400 to the invalid item bank id "%s"', async (text) => {
    const { api } = await startBankWithRepository();
    expect(await api.get(text)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });
});
