import { generateKeyPairSync } from 'node:crypto';
import type { WantedBlob } from '../../../functions/github/blobs.ts';
import type { GitHubContext } from '../../../functions/github/github.ts';
import { type HeadReading, readHeads } from '../../../functions/github/heads.ts';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { asListed } from '../../../functions/github/repository.ts';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';

/** An App, as its owner configures it and as GitHub stores it. */
export function createApp() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    // GitHub issues keys in this form.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const installationId = 70;
  return {
    app: { appId: 7, installationId, organization: ORGANIZATION, privateKey },
    installed: { id: 7, installationId, publicKey },
  };
}

export type Fault = Parameters<Bank['site']['fail']>[0];

export const contextOf = ({ github }: Bank): GitHubContext => ({
  github,
  organization: ORGANIZATION,
  now: createClock().now,
});

/** Lists the repositories of the bank. Its queries are not counted. */
export async function listed(bank: Bank): Promise<ListedRepository[]> {
  const { repositories } = await listRepositories({ ...contextOf(bank), ignored: new Set() });
  bank.requests(ROUTES.graphql);
  return repositories;
}

/** Creates a repository without commits. */
export async function createEmpty({ github }: Bank, name: string): Promise<ListedRepository> {
  const { data } = await github.rest.repos.createInOrg({ org: ORGANIZATION, name, private: true });
  return asListed({ ...data, archived: false });
}

interface FileWrite {
  content?: string | Uint8Array;
  path?: string;
  /** The default branch by default. A branch that does not exist is created from it. */
  branch?: string;
  author?: Person;
  /** The author by default. */
  committer?: Person;
}

interface Person {
  name: string;
  email: string;
  date: string;
}

/** Commits a file, by default item.json. @returns the ids of the commit and the blob. */
export async function commit(
  { github }: Bank,
  { repositoryName: name }: ListedRepository,
  { content = '{}', path = 'item.json', branch, author, committer = author }: FileWrite = {},
): Promise<{ commit: string; blob: string }> {
  const place = { owner: ORGANIZATION, repo: name, path };
  if (branch !== undefined) await createBranch({ github }, { repo: name, branch });
  const known = await github.rest.repos
    .getContent({ ...place, ...(branch !== undefined && { ref: branch }) })
    .then(({ data }) => (Array.isArray(data) ? undefined : data.sha))
    .catch(() => undefined);
  const { data } = await github.rest.repos.createOrUpdateFileContents({
    ...place,
    message: 'Change the item',
    content: Buffer.from(content).toString('base64'),
    ...(known !== undefined && { sha: known }),
    ...(branch !== undefined && { branch }),
    ...(author !== undefined && { author }),
    ...(committer !== undefined && { committer }),
  });
  return { commit: data.commit.sha ?? '', blob: data.content?.sha ?? '' };
}

/** Commits one version of item.json after another, a minute apart. */
export async function commitAll(
  { github }: Bank,
  { repositoryName: repo }: ListedRepository,
  contents: readonly (string | Uint8Array)[],
): Promise<void> {
  let sha: string | undefined;
  for (const [index, content] of contents.entries()) {
    const date = new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString();
    const author = { ...onDay(1), date };
    const { data } = await github.rest.repos.createOrUpdateFileContents({
      owner: ORGANIZATION,
      repo,
      path: 'item.json',
      message: 'Change the item',
      content: Buffer.from(content).toString('base64'),
      author,
      committer: author,
      ...(sha !== undefined && { sha }),
    });
    sha = data.content?.sha;
  }
}

async function createBranch(
  { github }: Pick<Bank, 'github'>,
  { repo, branch }: { repo: string; branch: string },
): Promise<void> {
  const repository = { owner: ORGANIZATION, repo };
  const { data: main } = await github.rest.git.getRef({ ...repository, ref: 'heads/main' });
  const creation = { ...repository, ref: `refs/heads/${branch}`, sha: main.object.sha };
  await github.rest.git.createRef(creation).catch(() => undefined);
}

/** A bank of one repository, to which blobs can be added. */
export async function bankOfOne() {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const repository = await createEmpty(bank, 'item-1');
  await commit(bank, repository);
  return { bank, repository };
}

export async function putBlob(
  { github }: Bank,
  { nodeId, repositoryName }: ListedRepository,
  content: Uint8Array,
): Promise<WantedBlob & { byteSize: number }> {
  const { data } = await github.rest.git.createBlob({
    owner: ORGANIZATION,
    repo: repositoryName,
    content: Buffer.from(content).toString('base64'),
    encoding: 'base64',
  });
  return { nodeId, repositoryName, oid: data.sha, byteSize: content.length };
}

export const GET_BLOB = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';

/** An author who commits on this day of 2026. */
export const onDay = (day: number) => ({
  name: 'Greta Lindqvist',
  email: 'glindqvist@assessments.example.org',
  date: new Date(Date.UTC(2026, 0, day)).toISOString(),
});

export const graphqlFailure = (outcome: Fault['outcome'], rest: Partial<Fault> = {}): Fault => ({
  method: 'POST',
  pathPrefix: '/graphql',
  outcome,
  ...rest,
});

/** An answer of GraphQL with HTTP status 200. */
export const answering = (body: object, headers: Record<string, string> = {}) => ({
  status: 200,
  headers,
  body,
});

/** GitHub's answer about one history. */
export const pageOf = (nodes: unknown[], pageInfo: object) => ({
  data: { r0: { owner: { login: ORGANIZATION }, object: { history: { nodes, pageInfo } } } },
});

/** @returns 100 further commits with each call. There are further pages, except after the page `last`. */
export function manyPages(last = Number.POSITIVE_INFINITY): () => ReturnType<typeof pageOf> {
  let page = 0;
  return () => {
    page += 1;
    const nodes = Array.from({ length: 100 }, (_, index) => ({
      oid: (page * 100 + index).toString(16).padStart(40, '0'),
      authoredDate: '2026-01-01T00:00:00Z',
      author: null,
      file: null,
    }));
    return pageOf(nodes, { hasNextPage: page < last, endCursor: String(page) });
  };
}

export const TOO_MUCH = answering({
  data: null,
  errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }],
});

/** GitHub's data about the head of a repository. */
export const headNode = (name: string, { mode = 0o100644 } = {}) => ({
  name,
  isArchived: false,
  isEmpty: false,
  owner: { login: ORGANIZATION },
  defaultBranchRef: {
    name: 'main',
    target: {
      oid: 'c'.repeat(40),
      committedDate: '2026-11-23T09:00:00Z',
      file: { oid: 'b'.repeat(40), mode, size: 2 },
      createFile: null,
    },
  },
  creating: { nodes: [], pageInfo: { hasNextPage: false } },
});

type Test = { onTestFinished: (close: () => Promise<void>) => void };

/** A bank of so many repositories. The queries of its listing are not counted. */
export async function bankOf(count: number, { onTestFinished }: Test) {
  const bank = await startBank({ repositories: count, withoutProjectWebhook: 0 }, onTestFinished);
  return { bank, repositories: await listed(bank) };
}

/**
 * A bank of so many repositories, and a function that reads their heads as a batch of a later run does: it knows which
 * items were being created.
 */
export async function knownBankOf(count: number, test: Test) {
  const { bank, repositories } = await bankOf(count, test);
  const known = await readHeads(contextOf(bank), repositories);
  bank.requests(ROUTES.graphql);
  const wasBeingCreated = (id: ItemBankId): boolean => {
    const reading = known.get(id);
    return reading?.kind === 'read' && reading.head.isBeingCreated;
  };
  const readHeadsOf = (context: Partial<GitHubContext> = {}) =>
    readHeads({ ...contextOf(bank), ...context }, repositories, wasBeingCreated);
  return { bank, repositories, readHeadsOf };
}

export const resultsOf = (readings: Map<ItemBankId, HeadReading>) =>
  [...readings.values()].map((reading) => (reading.kind === 'read' ? 'read' : reading.failure.reason));
