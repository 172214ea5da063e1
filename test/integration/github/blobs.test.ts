import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type BlobReading, readBlobs, type WantedBlob } from '../../../functions/github/blobs.ts';
import type { GitHubContext } from '../../../functions/github/github.ts';
import { DeferredError } from '../../../functions/shared/deferral.ts';
import { type Bank, FORBIDDEN, HTML, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import {
  answering,
  bankOfOne,
  commit,
  contextOf,
  createEmpty,
  type Fault,
  GET_BLOB,
  graphqlFailure,
  putBlob,
} from './support.ts';

const MAX_TEXT_BYTES = 512_000;

/** All readings by oid. @throws DeferredError if some blobs were not read. */
async function readAll(context: GitHubContext, wanted: WantedBlob[]): Promise<Map<string, BlobReading>> {
  const readings = new Map<string, BlobReading>();
  const use = (oid: string, reading: BlobReading): void => {
    if (readings.has(oid)) throw new Error(`${oid} was read twice`);
    readings.set(oid, reading);
  };
  const deferral = await readBlobs(context, wanted, { use });
  if (deferral) throw new DeferredError(deferral);
  return readings;
}

async function blobOf(bank: Bank, wanted: WantedBlob): Promise<BlobReading | undefined> {
  return (await readAll(contextOf(bank), [wanted])).get(wanted.oid);
}

const read = (content: Uint8Array) => ({ kind: 'read', content: Buffer.from(content) });
const latin1 = Buffer.from('{"name":"Änne"}', 'latin1');
const utf16 = Buffer.from('\uFEFF{"name":"Änne"}', 'utf16le');
const long = (bytes: number) => Buffer.alloc(bytes, 'a');

describe('readBlobs reads a blob byte by byte', () => {
  it.each([
    ['of ASCII', Buffer.from('{\r\n"id": "1"}\n'), 0],
    ['of UTF-8', Buffer.from('{"name":"Änne 😀"}'), 0],
    ['with a byte order mark', Buffer.from('\uFEFF{}'), 0],
    ['of no bytes', Buffer.alloc(0), 0],
    ['of 500 KB', long(500_000), 0],
    ['of 600 KB', long(600_000), 1],
    ['of Latin-1', latin1, 1],
    ['of UTF-16', utf16, 1],
    ['with a zero byte', Buffer.from('{"id":"\0"}'), 1],
    ['that ends within a character', Buffer.from('Ä').subarray(0, 1), 1],
  ])('%s', async (_, content, downloads) => {
    const { bank, repository } = await bankOfOne();
    const { byteSize: __, ...wanted } = await putBlob(bank, repository, content);
    expect(await blobOf(bank, wanted)).toEqual(read(content));
    expect([bank.requests(ROUTES.graphql), bank.requests(GET_BLOB)]).toEqual([1, downloads]);
  });

  it.each([
    ['read as text at the limit', MAX_TEXT_BYTES, 1],
    ['downloaded at once if it is known to be too large for text', MAX_TEXT_BYTES + 1, 0],
  ])('which is %s', async (_, bytes, queries) => {
    const { bank, repository } = await bankOfOne();
    const wanted = await putBlob(bank, repository, long(bytes));
    expect(await blobOf(bank, wanted)).toMatchObject({ kind: 'read' });
    expect(bank.requests(ROUTES.graphql)).toBe(queries);
  });

  it('in a repository with SHA-256', async () => {
    const { bank, repository } = await bankOfOne();
    const oid = createHash('sha256').update('blob 2\0{}').digest('hex');
    const part = { owner: { login: ORGANIZATION }, object: { text: '{}' } };
    bank.site.fail(graphqlFailure(answering({ data: { r0: part } })));
    expect(await blobOf(bank, { ...repository, oid })).toEqual(read(Buffer.from('{}')));
  });
});

describe('several blobs', () => {
  it.each([
    ['50 by one query', 50, 1],
    ['51 by two queries', 51, 2],
  ])('are read %s', async (_, count, queries) => {
    const { bank, repository } = await bankOfOne();
    const wanted: WantedBlob[] = [];
    for (let number = 0; number < count; number += 1) {
      wanted.push(await putBlob(bank, repository, Buffer.from(`{"id":"${number}"}`)));
    }
    const blobs = await readAll(contextOf(bank), wanted);
    expect(wanted.map(({ oid }) => blobs.get(oid))).toEqual(
      wanted.map((_each, number) => read(Buffer.from(`{"id":"${number}"}`))),
    );
    expect([bank.requests(ROUTES.graphql), bank.requests(GET_BLOB)]).toEqual([queries, 0]);
  });

  it.each([
    ['of two megabytes in total are read by one query', 500_000, 1],
    ['of more than two megabytes in total are read by two queries', 500_001, 2],
  ])('%s', async (_, bytes, queries) => {
    const { bank, repository } = await bankOfOne();
    const wanted: WantedBlob[] = [];
    for (const letter of 'abcd') wanted.push(await putBlob(bank, repository, Buffer.alloc(bytes, letter)));
    const blobs = await readAll(contextOf(bank), wanted);
    expect([...blobs.values()].map(({ kind }) => kind)).toEqual(Array(4).fill('read'));
    expect(bank.requests(ROUTES.graphql)).toBe(queries);
  });

  it('are read once each, even if wanted several times', async () => {
    const { bank, repository } = await bankOfOne();
    const other = await createEmpty(bank, 'item-2');
    await commit(bank, other);
    const [one, same] = [await putBlob(bank, repository, latin1), await putBlob(bank, other, latin1)];
    const blobs = await readAll(contextOf(bank), [one, one, same]);
    expect(blobs).toEqual(new Map([[one.oid, read(latin1)]]));
    expect([bank.requests(ROUTES.graphql), bank.requests(GET_BLOB)]).toEqual([1, 1]);
  });

  it('that are in several repositories are read from one that exists', async () => {
    const { bank, repository } = await bankOfOne();
    const other = await createEmpty(bank, 'item-2');
    await commit(bank, other);
    const [gone, there] = [await putBlob(bank, repository, latin1), await putBlob(bank, other, latin1)];
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: repository.repositoryName });
    expect(await readAll(contextOf(bank), [gone, gone, there])).toEqual(new Map([[there.oid, read(latin1)]]));
    expect(bank.requests(ROUTES.graphql)).toBe(2);
    expect(await readAll(contextOf(bank), [gone, gone])).toMatchObject(
      new Map([[gone.oid, { kind: 'failed' }]]),
    );
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('are not queried for an empty list', async () => {
    const { bank } = await bankOfOne();
    expect(await readAll(contextOf(bank), [])).toEqual(new Map());
    expect(bank.requests(ROUTES.graphql)).toBe(0);
  });
});

describe('a failure of one blob does not affect the others', () => {
  const fails = (outcome: Fault['outcome']) => ({
    method: 'GET',
    pathPrefix: `/repos/${ORGANIZATION}/item-1/git/blobs/`,
    times: Infinity,
    outcome,
  });

  it('if the blob does not exist', async () => {
    const { bank, repository } = await bankOfOne();
    const there = await putBlob(bank, repository, Buffer.from('{}'));
    const lost = { ...there, oid: 'e'.repeat(40) };
    expect(await readAll(contextOf(bank), [lost, there])).toEqual(
      new Map<string, unknown>([
        [
          lost.oid,
          { kind: 'failed', failure: { reason: 'GITHUB_ERROR', message: `blob ${lost.oid} not found` } },
        ],
        [there.oid, read(Buffer.from('{}'))],
      ]),
    );
  });

  it.each([
    ['403', FORBIDDEN, 'FORBIDDEN'],
    ['404', { status: 404, body: { message: 'Not Found' } }, 'GITHUB_ERROR'],
    ['404 with a page of a proxy', { ...HTML, status: 404 }, 'GITHUB_ERROR'],
    [
      'the content of another blob',
      { status: 200, body: { content: 'AAAA', encoding: 'base64' } },
      'GITHUB_ERROR',
    ],
    ['an undocumented encoding', { status: 200, body: { content: '{}', encoding: 'utf-8' } }, 'GITHUB_ERROR'],
    ['no content', { status: 200, body: {} }, 'GITHUB_ERROR'],
  ] as const)('if its download fails: %s', async (_, outcome, reason) => {
    const { bank, repository } = await bankOfOne();
    const [bad, good] = [
      await putBlob(bank, repository, latin1),
      await putBlob(bank, repository, Buffer.from('{}')),
    ];
    bank.site.fail(fails(outcome));
    const blobs = await readAll(contextOf(bank), [bad, good]);
    expect(blobs.get(bad.oid)).toMatchObject({
      kind: 'failed',
      failure: { reason, message: expect.any(String) },
    });
    expect(blobs.get(good.oid)).toEqual(read(Buffer.from('{}')));
  });

  it('if its repository name is invalid, which is then not used in a request', async () => {
    const { bank, repository } = await bankOfOne();
    const wanted = await putBlob(bank, repository, latin1);
    const before = new Map(bank.site.traffic.requests);
    expect(await blobOf(bank, { ...wanted, repositoryName: '..' })).toEqual({
      kind: 'failed',
      failure: {
        reason: 'REPOSITORY_NAME_INVALID',
        message: 'GitHub does not allow such a repository name, so it is not used in a request',
      },
    });
    const sent = [...bank.site.traffic.requests].filter(([route, count]) => before.get(route) !== count);
    expect(sent).toEqual([[ROUTES.graphql, 1]]);
  });

  it('and does not occur if the repository was renamed meanwhile', async () => {
    const { bank, repository } = await bankOfOne();
    const wanted = await putBlob(bank, repository, latin1);
    await bank.github.rest.repos.update({
      owner: ORGANIZATION,
      repo: repository.repositoryName,
      name: 'item-renamed',
    });
    expect(await blobOf(bank, wanted)).toEqual(read(latin1));
  });

  it('except for a rate limit, which affects all', async () => {
    const { bank, repository } = await bankOfOne();
    const wanted = await putBlob(bank, repository, latin1);
    bank.site.fail(fails({ status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } }));
    const error = await blobOf(bank, wanted).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({ deferral: { resumeAt: new Date('2026-11-23T09:01:00.000Z') } });
  });
});
