import pMap from 'p-map';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { failedAnswer, sendQuery } from './graphql.ts';
import { requestOrganization } from './organization-requests.ts';
import { lastPage, type Page, type PagedList, readFollowingPages, readPage } from './pages.ts';
import { asListed, Repository } from './repository.ts';
import {
  answerFaults,
  bankError,
  parseAnswer,
  type ResponseHeaders,
  requestIdIn,
  undocumentedError,
  withRequestId,
} from './responses.ts';

export interface BankListing {
  /** In the order of their creation, without those on the ignore list. */
  repositories: ListedRepository[];
  /** The organization's `totalCount`. */
  announced: number;
  /** Listed repositories, including those on the ignore list. */
  found: number;
  /** Name and faults of each listed repository that cannot be read. The listing is then incomplete. */
  unreadable: string[];
  complete: boolean;
  /** Pages that the listing took. */
  pages: number;
}

type ListContext = GitHubContext & {
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  /** Pages of the last listing, if they are known. The first attempt requests so many at once. */
  knownPages?: number | undefined;
};

// GitHub's maximum.
const PAGE_SIZE = 100;
// The 19 pages of a bank with 1,811 repositories are requested at once. This is far below GitHub's limit of 100 requests
// in flight, and keeps only a few megabytes of responses in memory.
const PAGES_IN_FLIGHT = 20;
// A repository that is created or deleted between two pages shifts the others. Three listings in a row that do not add
// up have another cause.
const ATTEMPTS = 3;

const Elements = z.array(z.unknown());
const Named = z.object({ name: z.lenient(z.string()) });
const Count = z.object({
  organization: z.nullable(z.object({ repositories: z.object({ totalCount: z.int() }) })),
});

/**
 * Lists all repositories of the organization. The listing is complete if GitHub's counts before and after equal the
 * number of repositories found, each of them can be read, and no page says that something was left out.
 * @throws DeferredError if GitHub asks to wait or is down; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`,
 * `OrganizationNotFound`, `GitHubRefused`, `GitHubRedirected`.
 */
export async function listRepositories(context: ListContext): Promise<BankListing> {
  let listing = await listOnce(context);
  for (let attempt = 2; !listing.complete && attempt <= ATTEMPTS; attempt += 1) {
    // Trusts only what GitHub says now.
    listing = await listOnce({ ...context, knownPages: undefined });
  }
  return listing;
}

async function listOnce(context: ListContext): Promise<BankListing> {
  // The first count is requested together with the pages. If a repository is created or deleted meanwhile, the counts
  // differ from each other or from what was found.
  const [before, pages] = await Promise.all([countRepositories(context), listPages(context)]);
  const byId = new Map(pages.flatMap(({ repositories }) => repositories).map((each) => [each.id, each]));
  const announced = await countRepositories(context);
  const unreadable = pages.flatMap((page) => page.unreadable);
  return {
    repositories: [...byId.values()].filter(({ name }) => !context.ignored.has(name)).map(asListed),
    announced,
    found: byId.size,
    unreadable,
    pages: Math.max(1, pages.filter(({ isEmpty }) => !isEmpty).length),
    complete:
      byId.size === announced &&
      before === announced &&
      unreadable.length === 0 &&
      !pages.some(({ isPartial }) => isPartial),
  };
}

interface ListedPage {
  repositories: Repository[];
  unreadable: string[];
  /** GitHub left out repositories that the token is not authorized for by single sign-on. */
  isPartial: boolean;
  isEmpty: boolean;
  headers: ResponseHeaders;
}

/**
 * Requests the known pages at once, and then those that follow. Pages beyond the last one are empty.
 * @throws SyncError `GitHubUnavailable` if there are repositories, and none of them can be read.
 */
async function listPages(context: ListContext): Promise<ListedPage[]> {
  const { github, organization } = context;
  const list: PagedList = {
    route: 'GET /orgs/{org}/repos',
    path: { org: organization },
    // The oldest first: a repository that is created during the listing comes last and does not shift the others.
    query: { type: 'all', sort: 'created', direction: 'asc', per_page: PAGE_SIZE },
  };
  const read = (part: PagedList): Promise<Page> => requestOrganization(context, () => readPage(github, part));
  const getPage = async (page: number) => listedPage(await read({ ...list, query: { ...list.query, page } }));
  const getPages = (from: number, to: number) => {
    const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    return pMap(numbers, getPage, { concurrency: PAGES_IN_FLIGHT });
  };
  const known = Math.max(1, context.knownPages ?? 1);
  const pages = await getPages(1, known);
  const [first] = pages;
  if (!first) throw new Error('at least one page is requested');
  pages.push(...(await getPages(known + 1, lastPage(first))));
  for await (const page of readFollowingPages(read, list, pages.at(-1) ?? first)) {
    pages.push(listedPage(page));
  }
  const [fault] = pages.flatMap(({ unreadable }) => unreadable);
  if (fault === undefined || pages.some(({ repositories }) => repositories.length > 0)) return pages;
  throw undocumentedError(fault, first.headers);
}

function listedPage({ data, headers }: Page): ListedPage {
  const repositories: Repository[] = [];
  const unreadable: string[] = [];
  const elements = parseAnswer({ data, headers }, Elements);
  for (const element of elements) {
    const parsed = Repository.safeParse(element);
    if (parsed.success) repositories.push(parsed.data);
    else unreadable.push(`${Named.safeParse(element).data?.name ?? '?'}: ${answerFaults(parsed.error)}`);
  }
  const isPartial = String(headers['x-github-sso']).startsWith('partial-results');
  return { repositories, unreadable, isPartial, isEmpty: elements.length === 0, headers };
}

/** Counts the repositories of the organization that the credentials see now. */
export async function countRepositories(context: GitHubContext): Promise<number> {
  const { github, organization } = context;
  return requestOrganization(context, async () => {
    const answer = await sendQuery(github, {
      text: 'query ($login: String!) { organization(login: $login) { repositories { totalCount } } }',
      variables: { login: organization },
    });
    const failed = failedAnswer(answer, context);
    if (failed) throw bankError(answer.errors, failed);
    const { organization: found } = parseAnswer(answer, Count);
    if (found) return found.repositories.totalCount;
    const details = requestIdIn(answer.headers);
    const message = `the token does not see the organization ${organization}`;
    throw new SyncError('OrganizationNotFound', withRequestId({ message, ...details }), { details });
  });
}
