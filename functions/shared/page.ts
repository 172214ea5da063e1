import type { SyncError } from './errors.ts';
import type { Log } from './logger.ts';

/**
 * If less time is left, a page ends early, so that there is an answer even if a filter matches few of very many rows.
 */
export const TIME_TO_ANSWER_MS = 5_000;

// An answer of Lambda has at most 6 MB, and base64 or escaping can lengthen a text.
const MAX_PAGE_BYTES = 4_000_000;

/** How far a list was searched. */
interface Position {
  /** A page that begins after this position continues the list. */
  position: number;
}

/** An element of a list, as text of the answer. */
export interface PageElement extends Position {
  text: string;
  /** Why this release cannot read the row. In JSON, the text is then only the id. */
  fault?: SyncError;
}

export interface FilledPage {
  elements: PageElement[];
  /** The position after which the next page begins, if there is one. */
  next?: number;
}

interface PageLimits {
  /** How many elements the page has at most. */
  limit: number;
  /** Called after each element or position. If it returns true, the page ends there. */
  isTimeOver?: () => boolean;
}

/** Fills a page with up to `limit` elements and 4 MB, but with at least one element unless the time is over. */
export async function fillPage(
  source: AsyncIterable<PageElement | Position>,
  { limit, isTimeOver = () => false }: PageLimits,
): Promise<FilledPage> {
  const elements: PageElement[] = [];
  let bytes = 0;
  let next: number | undefined;
  for await (const element of source) {
    if ('text' in element) {
      bytes += Buffer.byteLength(element.text);
      const isFull = elements.length === limit || (elements.length > 0 && bytes > MAX_PAGE_BYTES);
      if (isFull && next !== undefined) return { elements, next };
      elements.push(element);
    }
    next = element.position;
    if (isTimeOver()) return { elements, next };
  }
  return { elements };
}

/** The JSON of a page: its elements under the name `list`, the ids that cannot be read, and other members. */
export function pageText(
  list: string,
  { elements }: FilledPage,
  others: Readonly<Record<string, string | undefined>>,
): string {
  const textsOf = (isChosen: (element: PageElement) => boolean): string =>
    elements
      .filter(isChosen)
      .map(({ text }) => text)
      .join();
  const unreadable = textsOf(({ fault }) => fault !== undefined);
  const members = [
    `"${list}":[${textsOf(({ fault }) => fault === undefined)}]`,
    ...(unreadable === '' ? [] : [`"unreadable":[${unreadable}]`]),
    ...Object.entries(others).flatMap(([name, value]) =>
      value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`],
    ),
  ];
  return `{${members.join()}}`;
}

/** Logs why elements of a page cannot be read. The answer only has their ids. */
export function logUnreadable(log: Log, { elements }: FilledPage): void {
  const faults = elements.flatMap(({ fault }) => fault ?? []);
  const [first] = faults;
  if (!first) return;
  const count =
    faults.length === 1 ? 'a row of this answer' : `${faults.length} rows of this answer, the first`;
  log.warn(`could not read ${count}: ${first.name}: ${first.message}`);
}
