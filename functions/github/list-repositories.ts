import pMap from 'p-map';
import { itemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { type Answer, bankTrouble, failureOf, requestIdIn, toldWithId } from './github-answers.ts';
import { headersOf } from './graphql-headers.ts';
import { undocumentedOfBank } from './trouble.ts';

export interface BankListing {
  /** Without those on the ignore list, in the order of their creation. */
  repositories: ListedRepository[];
  /** `totalCount` of the organization. */
  announced: number;
  /** Repositories listed, those on the ignore list among them. */
  found: number;
  complete: boolean;
}

export interface ListRequest extends BankRequest {
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
}

// GitHub's largest page.
const PAGE_SIZE = 100;
// The bank's 19 pages come in two round trips. That stays far from GitHub's limit of 100, and 2 MB of answers are read
// at a time.
const PAGES_IN_FLIGHT = 20;
// A repository that comes or goes between pages shifts the rest. Three listings in a row that do not add up are
// not bad luck.
const ATTEMPTS = 3;

/** GitHub's schema marks most fields optional: these are the ones without which a repository cannot be worked on. */
export const Repository = z.object({
  id: z.int().check(z.positive()),
  node_id: z.string().check(z.minLength(1)),
  name: z.string().check(z.minLength(1)),
  archived: z._default(z.boolean(), false),
});
const Page = z.array(Repository);
type Repository = z.infer<typeof Repository>;
const Count = z.object({
  organization: z.nullable(z.object({ repositories: z.object({ totalCount: z.int() }) })),
});

/**
 * Lists every repository of the organization, and says whether that is all of them: the count that GitHub
 * announces before and after must be the one that was found, and no page may say that something was left out of it.
 * @throws SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`, `OrganizationNotFound`; RateLimited.
 */
export async function listRepositories(request: ListRequest): Promise<BankListing> {
  try {
    let listing = await listOnce(request);
    for (let attempt = 2; !listing.complete && attempt <= ATTEMPTS; attempt += 1) {
      listing = await listOnce(request);
    }
    return listing;
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw bankTrouble(error, failureOf(error, request));
  }
}

async function listOnce(request: ListRequest): Promise<BankListing> {
  // The first count beside the pages: what comes or goes meanwhile is missing in it, or in what was found.
  const [before, pages] = await Promise.all([countRepositories(request), listPages(request)]);
  const listed = byId(pages.flatMap(({ repositories }) => repositories));
  const announced = await countRepositories(request);
  return {
    repositories: listed.filter(({ name }) => !request.ignored.has(name)).map(asListed),
    announced,
    found: listed.length,
    complete:
      listed.length === announced && before === announced && !pages.some(({ isPartial }) => isPartial),
  };
}

interface ListedPage {
  repositories: Repository[];
  /** GitHub left out what the token is not authorized for by single sign-on. */
  isPartial: boolean;
}

async function listPages({ github, organization }: ListRequest): Promise<ListedPage[]> {
  const getPage = async (page: number) => {
    const { data, headers } = await github.rest.repos.listForOrg({
      org: organization,
      type: 'all',
      // The oldest first: one that is created meanwhile comes last and shifts nothing.
      sort: 'created',
      direction: 'asc',
      per_page: PAGE_SIZE,
      page,
    });
    const isPartial = String(headers['x-github-sso']).startsWith('partial-results');
    return { repositories: parseAnswer({ data, headers }, Page), isPartial, link: headers.link };
  };
  const first = await getPage(1);
  const others = Array.from({ length: lastPage(first.link) - 1 }, (_, index) => index + 2);
  const rest = await pMap(others, getPage, { concurrency: PAGES_IN_FLIGHT });
  return [first, ...rest];
}

/** @throws SyncError `GitHubUnavailable` when the answer is not of that shape. */
export function parseAnswer<Schema extends z.ZodMiniType>(
  { data, headers = {} }: { data: unknown; headers?: Answer['headers'] },
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw undocumentedOfBank(parsed.error, headers);
}

/** The page number in the `rel="last"` of a Link header; a listing of one page has none. */
export function lastPage(link: string | undefined): number {
  const last = link?.split(',').find((part) => part.includes('rel="last"'));
  const page = last?.match(/[?&]page=(\d+)/)?.[1];
  return page === undefined ? 1 : Number(page);
}

async function countRepositories({ github, organization }: ListRequest): Promise<number> {
  const data = await github.graphql(
    'query ($login: String!) { organization(login: $login) { repositories { totalCount } } }',
    { login: organization },
  );
  const answer = { data, headers: headersOf(data) };
  const { organization: found } = parseAnswer(answer, Count);
  if (found) return found.repositories.totalCount;
  const githubRequestId = requestIdIn(answer.headers);
  const message = toldWithId({
    message: `the token does not see the organization ${organization}`,
    ...githubRequestId,
  });
  throw new SyncError('OrganizationNotFound', message, { details: githubRequestId });
}

function byId(repositories: readonly Repository[]): Repository[] {
  return [...new Map(repositories.map((repository) => [repository.id, repository])).values()];
}

export function asListed({ id, node_id, name, archived }: Repository): ListedRepository {
  return { itemBankId: itemBankId(id), nodeId: node_id, repositoryName: name, archived };
}
