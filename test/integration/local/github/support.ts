import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import { onTestFinished } from 'vitest';
import {
  type GitHubOptions,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from '../../../../local/github/simulated-github.ts';

export const ORGANIZATION = 'item-bank';
export const TOKEN = 'a-good-token';
export const PROJECT_WEBHOOK_URL = 'http://127.0.0.1:4510/webhook';
export const PROJECT_WEBHOOK_CONFIG = {
  url: PROJECT_WEBHOOK_URL,
  content_type: 'json',
  insecure_ssl: '0',
} as const;

/** Creates a folder that is deleted when the test ends. */
export function createStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-github-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Running {
  github: SimulatedGitHub;
  octokit: Octokit;
}

/** A small bank on a free port. */
export const OPTIONS = {
  port: 0,
  organization: ORGANIZATION,
  token: TOKEN,
  repositories: 25,
  withoutProjectWebhook: 5,
  projectWebhookUrl: PROJECT_WEBHOOK_URL,
  seed: 7,
  latencyMs: 0,
  limits: 'off',
} as const;

/** Starts a simulated GitHub that is closed when the test ends. */
export async function start(changes: Partial<GitHubOptions> = {}): Promise<Running> {
  const stateFolder = changes.stateFolder ?? createStateFolder();
  const github = await startSimulatedGitHub({ ...OPTIONS, stateFolder, ...changes });
  onTestFinished(() => github.close());
  return { github, octokit: connect(github, TOKEN) };
}

const ignore = (): void => {};
/** A log for clients whose failures are expected. */
export const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A plain Octokit, except that it does not log expected failures. */
export function connect(github: SimulatedGitHub, token?: string): Octokit {
  return new Octokit({
    baseUrl: github.url,
    ...(token === undefined ? {} : { auth: token }),
    log: SILENT,
  });
}

/** A repository with the project webhook and one without. */
export async function findRepositories(octokit: Octokit): Promise<{ hooked: string; unhooked: string }> {
  const repositories = await octokit.paginate(octokit.rest.repos.listForOrg, { org: ORGANIZATION });
  const found = await Promise.all(
    repositories.map(async ({ name }) => {
      const { data } = await octokit.rest.repos.listWebhooks({ owner: ORGANIZATION, repo: name });
      return { name, isHooked: data.some(({ config }) => config.url === PROJECT_WEBHOOK_URL) };
    }),
  );
  const hooked = found.find(({ isHooked }) => isHooked)?.name;
  const unhooked = found.find(({ isHooked }) => !isHooked)?.name;
  if (hooked === undefined || unhooked === undefined) throw new Error('The bank lacks one of the two.');
  return { hooked, unhooked };
}

/** The repositories whose default branch has an item. */
export async function itemRepositories(octokit: Octokit): Promise<{ id: number; name: string }[]> {
  const { organization } = await octokit.graphql<{
    organization: { repositories: { nodes: { databaseId: number; name: string; item: object | null }[] } };
  }>(
    `{ organization(login: "${ORGANIZATION}") { repositories(first: 100) {
      nodes { databaseId name item: object(expression: "HEAD:item.json") { oid } } } } }`,
  );
  const filled = organization.repositories.nodes.filter(({ item }) => item !== null);
  return filled.map(({ databaseId, name }) => ({ id: databaseId, name }));
}

/** Creates a repository with an item of that many commits, one per day, and returns its name. */
export async function createItemRepository(
  octokit: Octokit,
  { commits = 1, name = 'item-424242' } = {},
): Promise<string> {
  await octokit.rest.repos.createInOrg({ org: ORGANIZATION, name, private: true });
  for (let count = 1; count <= commits; count += 1) await putItem(octokit, { repo: name, edition: count });
  return name;
}

export interface ItemWrite {
  repo: string;
  edition: number;
  branch?: string;
}

/** Writes this edition of item.json, committed on that day of January 2026, and returns the commit. */
export async function putItem(octokit: Octokit, { repo, edition, branch }: ItemWrite): Promise<string> {
  const place = { owner: ORGANIZATION, repo, path: 'item.json' };
  const sha = await shaOfItem(octokit, { repo, ...(branch === undefined ? {} : { ref: branch }) });
  const { data } = await octokit.rest.repos.createOrUpdateFileContents({
    ...place,
    message: `Edition ${edition}`,
    content: Buffer.from(`{\n  "id": "1",\n  "edition": ${edition}\n}\n`).toString('base64'),
    ...(sha === undefined ? {} : { sha }),
    ...(branch === undefined ? {} : { branch }),
    committer: {
      name: 'Greta Lindqvist',
      email: 'glindqvist@assessments.example.org',
      date: new Date(Date.UTC(2026, 0, edition)).toISOString(),
    },
  });
  return data.commit.sha ?? '';
}

/** Undefined if there is no item.json. */
export async function shaOfItem(
  octokit: Octokit,
  place: { repo: string; ref?: string },
): Promise<string | undefined> {
  try {
    const { data } = await octokit.rest.repos.getContent({
      ...{ owner: ORGANIZATION, path: 'item.json' },
      ...place,
    });
    return Array.isArray(data) ? undefined : data.sha;
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return undefined;
    throw error;
  }
}

/** The messages of the commits that changed item.json, newest first. */
export async function itemHistory(octokit: Octokit, repo: string, sha = 'main'): Promise<string[]> {
  const place = { owner: ORGANIZATION, repo, path: 'item.json', sha };
  const { data } = await octokit.rest.repos.listCommits(place);
  return data.map(({ commit }) => commit.message);
}
