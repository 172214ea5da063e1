import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import pMap from 'p-map';
import { spread } from '../statistics.ts';
import { BANK, PAGE_SIZE } from './bank.ts';

/** The figures of a client other than the product. */
export interface BaselineFigures {
  seconds: number;
  listingSeconds: number;
  /** All requests: those of the listing, and those for every repository. */
  requests: number;
  /** Repositories that were requested. The time for all is computed from theirs. */
  sampled: number;
  /** Answers 403 and 429. */
  limited: number;
  /** Repositories for which a request was refused. */
  refused: number;
}

interface Baseline {
  url: string;
  /** Repositories that are requested at the same time. */
  inFlight: number;
  /** How many repositories to request, spread over the bank; by default all. */
  sample?: number;
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const REQUESTS_PER_REPOSITORY = 3;
const ITEM_FILE = 'item.json';

/**
 * Walks the bank like the service that this product replaces: lists it page by page, then reads for each repository its
 * webhooks, the commits of item.json, and item.json. The answers are not processed.
 */
export async function walk({ url, inFlight, sample }: Baseline): Promise<BaselineFigures> {
  const octokit = new Octokit({ baseUrl: url, auth: BANK.token, log: SILENT });
  const startedAt = performance.now();
  const { names, pages, limited: limitedPages } = await list(octokit);
  const listedAt = performance.now();
  const sampled = sample === undefined ? names : spread(names, sample);
  const limited = await pMap(sampled, (name) => askFor(octokit, name), { concurrency: inFlight });
  const sampleSeconds = (performance.now() - listedAt) / 1_000;
  const listingSeconds = (listedAt - startedAt) / 1_000;
  const scale = sampled.length === 0 ? 0 : names.length / sampled.length;
  return {
    seconds: listingSeconds + sampleSeconds * scale,
    listingSeconds,
    requests: pages + names.length * REQUESTS_PER_REPOSITORY,
    sampled: sampled.length,
    limited: limitedPages + limited.reduce((sum, count) => sum + count, 0),
    refused: limited.filter((count) => count > 0).length,
  };
}

async function list(octokit: Octokit): Promise<{ names: string[]; pages: number; limited: number }> {
  const names: string[] = [];
  for (let page = 1; ; page += 1) {
    const request = { org: BANK.organization, per_page: PAGE_SIZE, page };
    const found = await attempt(() => octokit.rest.repos.listForOrg(request));
    if (typeof found === 'string') return { names, pages: page, limited: 1 };
    names.push(...found.data.map(({ name }) => name));
    if (found.data.length < PAGE_SIZE) return { names, pages: page, limited: 0 };
  }
}

/** @returns how many of the requests were refused because of a limit. */
async function askFor({ rest: { repos } }: Octokit, repo: string): Promise<number> {
  const repository = { owner: BANK.organization, repo };
  const answers = [
    await attempt(() => repos.listWebhooks(repository)),
    await attempt(() => repos.listCommits({ ...repository, path: ITEM_FILE, per_page: PAGE_SIZE })),
    await attempt(() => repos.getContent({ ...repository, path: ITEM_FILE })),
  ];
  return answers.filter((answer) => answer === 'limited').length;
}

/** A script goes on after an error. Items that are being created have no item.json on the main branch. */
async function attempt<Answer>(request: () => Promise<Answer>): Promise<Answer | 'limited' | 'not found'> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.status === 403 || error.status === 429) return 'limited';
    if (error.status === 404) return 'not found';
    throw error;
  }
}
