import type { GitHub } from './github.ts';
import type { ResponseHeaders } from './responses.ts';

/** One page of a list. */
export interface Page {
  data: unknown;
  headers: ResponseHeaders;
}

/** A list that comes in pages. */
export interface PagedList {
  route:
    | 'GET /orgs/{org}/repos'
    | 'GET /repos/{owner}/{repo}/hooks'
    | 'GET /orgs/{org}/hooks'
    | 'GET /orgs/{org}/hooks/{hook_id}/deliveries'
    | 'GET /app/hook/deliveries';
  /** Parameters of the path. */
  path: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | number>>;
  headers?: Readonly<Record<string, string>>;
}

// A target, followed by its parameters up to the next comma that is not in quotes.
// https://www.rfc-editor.org/rfc/rfc8288#section-3
const LINK = /<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g;
const PARAMETER = /;\s*([^\s=;"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?/g;

/** The query parameters of the first link with this relation in a Link header. */
function linkedQuery(link: unknown, relation: 'next' | 'last'): Record<string, string> | undefined {
  for (const [, target = '', parameters = ''] of String(link ?? '').matchAll(LINK)) {
    // Only the first `rel` of a link counts. It may name several relations.
    const [rel] = [...parameters.matchAll(PARAMETER)].filter(([, name]) => name?.toLowerCase() === 'rel');
    const relations = (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/);
    const url = URL.parse(target, 'https://api.github.com');
    if (url && relations.includes(relation)) return Object.fromEntries(url.searchParams);
  }
  return undefined;
}

// Enough for 200,000 repositories, twice as many as any organization can be expected to have.
const MAX_PAGES = 2_000;

/** The number of the last page; 1 if there is no link to it, because GitHub does not always calculate it. */
export function lastPage({ headers }: Pick<Page, 'headers'>): number {
  const page = linkedQuery(headers['link'], 'last')?.['page'] ?? '';
  return /^\d+$/.test(page) ? Math.min(Number(page), MAX_PAGES) : 1;
}

/** @throws what Octokit's requests throw. */
export async function readPage(github: GitHub, { route, path, query, headers }: PagedList): Promise<Page> {
  const parameters = { ...query, ...path, ...(headers && { headers }) };
  const answer = await github.request<string>(route, parameters);
  return { data: answer.data, headers: answer.headers };
}

/**
 * Reads the pages that follow a page, one after another. Only the query of a link is used, so that the token is never
 * sent to another host.
 * @throws what `read` throws.
 */
export async function* readFollowingPages(
  read: (list: PagedList) => Promise<Page>,
  list: PagedList,
  { headers }: Pick<Page, 'headers'>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let next = linkedQuery(headers['link'], 'next');
  // Stops at a link that was followed before and after an empty page, so that a faulty server cannot cause a loop.
  while (next && !seen.has(JSON.stringify(next)) && seen.size < MAX_PAGES) {
    seen.add(JSON.stringify(next));
    const page = await read({ ...list, query: { ...list.query, ...next } });
    yield page;
    if (Array.isArray(page.data) && page.data.length === 0) return;
    next = linkedQuery(page.headers['link'], 'next');
  }
}
