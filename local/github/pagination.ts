export interface PageRequest {
  page: number;
  perPage: number;
}

export interface PageParameters {
  page?: string | undefined;
  per_page?: string | undefined;
}

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/** Parses like GitHub: more than 100 means 100, and an invalid number means the default. */
export function parsePageRequest({ page, per_page }: PageParameters): PageRequest {
  return {
    page: positive(page) ?? 1,
    perPage: Math.min(positive(per_page) ?? DEFAULT_PER_PAGE, MAX_PER_PAGE),
  };
}

function positive(text: string | undefined): number | undefined {
  const value = /^\d+$/.test(text ?? '') ? Number(text) : 0;
  return value > 0 ? value : undefined;
}

export function pageOf<T>(members: readonly T[], { page, perPage }: PageRequest): readonly T[] {
  return members.slice((page - 1) * perPage, page * perPage);
}

/** GitHub's Link header, with only those of prev, next, last and first that apply. Undefined for a single page. */
export function linkHeader(url: URL, { page, perPage }: PageRequest, total: number): string | undefined {
  const last = Math.max(1, Math.ceil(total / perPage));
  const targets: [rel: string, page: number, applies: boolean][] = [
    ['prev', Math.min(page - 1, last), page > 1],
    ['next', page + 1, page < last],
    ['last', last, page < last],
    ['first', 1, page > 1],
  ];
  const links = targets
    .filter(([, , applies]) => applies)
    .map(([rel, target]) => `<${urlOfPage(url, target)}>; rel="${rel}"`);
  return links.length === 0 ? undefined : links.join(', ');
}

function urlOfPage(url: URL, page: number): string {
  const target = new URL(url);
  target.searchParams.set('page', String(page));
  return target.href;
}
