import { generateKeyPairSync } from 'node:crypto';
import type { BankRequest } from '../../../functions/github/github.ts';
import { asListed, listRepositories } from '../../../functions/github/list-repositories.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';

/** An App as its owner has it, and as GitHub has it. */
export function createApp() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    // GitHub gives out its keys in this form.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const installationId = 70;
  return {
    app: { appId: 7, installationId, organization: ORGANIZATION, privateKey },
    installed: { id: 7, installationId, publicKey },
  };
}

type Failure = Parameters<Bank['site']['fail']>[0];

export const requestTo = ({ github }: Bank): BankRequest => ({
  github,
  organization: ORGANIZATION,
  now: createClock().now,
});

/** The repositories of the bank. The requests that it took are not counted. */
export async function listed(bank: Bank): Promise<ListedRepository[]> {
  const { repositories } = await listRepositories({ ...requestTo(bank), ignored: new Set() });
  bank.requests(ROUTES.graphql);
  return repositories;
}

/** A repository that nobody has committed to. */
export async function createEmpty({ github }: Bank, name: string): Promise<ListedRepository> {
  const { data } = await github.rest.repos.createInOrg({ org: ORGANIZATION, name, private: true });
  return asListed({ ...data, archived: false });
}

interface FileWrite {
  content?: string | Uint8Array;
  path?: string;
  /** By default the default branch. One that is not there yet is made from it. */
  branch?: string;
  author?: { name: string; email: string; date: string };
}

/** Commits a file, by default item.json; gives the commit and the blob. */
export async function commit(
  { github }: Bank,
  { repositoryName: name }: ListedRepository,
  { content = '{}', path = 'item.json', branch, author }: FileWrite = {},
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
    ...(author !== undefined && { author, committer: author }),
  });
  return { commit: data.commit.sha ?? '', blob: data.content?.sha ?? '' };
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

/** On this day of 2026. */
export const onDay = (day: number) => ({
  name: 'Greta Lindqvist',
  email: 'glindqvist@assessments.example.org',
  date: new Date(Date.UTC(2026, 0, day)).toISOString(),
});

export const graphqlFailure = (outcome: Failure['outcome'], rest: Partial<Failure> = {}): Failure => ({
  method: 'POST',
  pathPrefix: '/graphql',
  outcome,
  ...rest,
});

/** GraphQL's answer with HTTP status 200. */
export const answering = (body: object, headers: Record<string, string> = {}) => ({
  status: 200,
  headers,
  body,
});

export const TOO_MUCH = answering({
  data: null,
  errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.' }],
});

/** What GitHub answers to the question for the head of a repository. */
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
    },
  },
  creating: { nodes: [], pageInfo: { hasNextPage: false } },
});
