import type { SyncError } from './errors.ts';
import type { Log } from './logger.ts';

/** A page ends early when less is left, so that a filter that finds little among very many rows gets an answer. */
export const TIME_TO_ANSWER_MS = 5_000;

// Lambda answers at most 6 MB, and base64 or escaping can add to a text.
const MAX_PAGE_BYTES = 4_000_000;

/** How far a list was searched. */
interface Position {
  /** The page that begins after this position has what follows. */
  position: number;
}

/** An element of a list, as it is answered. */
export interface PageElement extends Position {
  text: string;
  /** Why this release cannot read the row, whose number is the text. */
  fault?: SyncError;
}

export interface FilledPage {
  elements: PageElement[];
  /** The position after which the next page begins, if there is one. */
  next?: number;
}

interface PageLimits {
  /** How many elements the page has. */
  limit: number;
  /** Asked after each element or position: whether the page must end here, whatever it has found. */
  isTimeOver?: () => boolean;
}

/** Fills a page with elements until it has `limit` of them, or 4 MB, but at least one unless the time is over. */
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

/** The JSON text of a page whose elements are JSON texts: a list of this name, what cannot be read, and further members. */
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

/** Says in the log why elements of a page cannot be read, because the answer only names them. */
export function logUnreadable(log: Log, { elements }: FilledPage): void {
  const faults = elements.flatMap(({ fault }) => fault ?? []);
  const [first] = faults;
  if (!first) return;
  const count =
    faults.length === 1 ? 'a row of this answer' : `${faults.length} rows of this answer, the first`;
  log.warn(`could not read ${count}: ${first.name}: ${first.message}`);
}
