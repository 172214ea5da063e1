// Lambda answers at most 6 MB, and base64 or escaping can add to a text.
const MAX_PAGE_BYTES = 4_000_000;

/** A page ends early when less is left, so that a filter that finds little among very many rows gets an answer. */
export const TIME_TO_ANSWER_MS = 5_000;

/** An element of a list, as it is answered. Without a text it only says how far the list was searched. */
export interface PageElement {
  /** The page that begins after this position does not have the element. */
  position: number;
  text?: string | undefined;
}

interface PageLimits {
  /** Elements with a text. */
  limit: number;
  /** Asked between elements: whether the page must end here, whatever it has found. */
  isTimeOver?: () => boolean;
}

/** Fills a page with elements until it has `limit` of them, or 4 MB, but at least one unless the time is over. */
export async function fillPage(
  elements: AsyncIterable<PageElement>,
  { limit, isTimeOver = () => false }: PageLimits,
): Promise<{
  texts: string[];
  /** The position after which the next page begins, if there is one. */
  next?: number;
}> {
  const texts: string[] = [];
  let bytes = 0;
  let next: number | undefined;
  for await (const { position, text } of elements) {
    if (text !== undefined) {
      bytes += Buffer.byteLength(text);
      const isFull = texts.length === limit || (texts.length > 0 && bytes > MAX_PAGE_BYTES);
      if (isFull && next !== undefined) return { texts, next };
      texts.push(text);
    }
    next = position;
    if (isTimeOver()) return { texts, next };
  }
  return { texts };
}
