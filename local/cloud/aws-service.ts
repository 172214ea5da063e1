import { createHash } from 'node:crypto';
import { z } from 'zod';

/** An error of an AWS API; clients tell errors apart by `type`. */
export class AwsError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status;
  }
}

/** AWS documents no such limit. This one is far from where walking through a value overflows the stack. */
export const MAX_JSON_LEVELS = 1_000;

/** Whether parsed JSON has more levels of objects and lists. JSON.parse reads any number of them. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= MAX_JSON_LEVELS; depth += 1) {
    level = level.filter((inner) => typeof inner === 'object' && inner !== null);
    if (level.length === 0) return false;
    level = level.flatMap((inner): unknown[] => Object.values(Object(inner)));
  }
  return true;
}

/** An answer over HTTP. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** A service of the AWS JSON protocol. */
export interface AwsService {
  /** The part of X-Amz-Target before the name of the operation. */
  target: string;
  protocol: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  operations: Record<string, (input: unknown) => object | Promise<object>>;
  /** Headers of the service's error answers. */
  errorHeaders?: (error: AwsError) => Record<string, string>;
}

/** @throws {AwsError} of that type, naming every parameter that is invalid or not supported here */
export function parseInput<T extends z.ZodType>(
  schema: T,
  input: unknown,
  type = 'ValidationException',
): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AwsError(type, z.prettifyError(parsed.error));
  return parsed.data;
}

/** A list that clients read page by page. */
export interface Listing<T> {
  /** In any order. They are read one by one, so that they can be the lines of a file of any size. */
  items: Iterable<T>;
  /** Unique. The list is sorted by it, and new items must not sort between existing ones. */
  keyOf: (item: T) => string;
  limit: number;
  /** The share of an item in `MAX_PAGE_BYTES`. By default, only the number of items is limited. */
  bytesOf?: (item: T) => number;
  nextToken: string | undefined;
  /** The other parameters of the request. A token is valid only with the ones that it was issued for. */
  query: unknown;
  /** The error type that the service uses for an invalid token. */
  badToken: string;
}

export interface Page<T> {
  items: T[];
  nextToken: string | undefined;
}

export function pageOf<T>(list: Listing<T>): Page<T> {
  const { items: all, keyOf, nextToken, query, badToken } = list;
  const queryDigest = createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 22);
  const [given, after = ''] = (nextToken ?? queryDigest).split('.');
  if (given !== queryDigest) throw new AwsError(badToken, `Invalid Token: '${nextToken}'`);
  const lastKey = Buffer.from(after, 'base64url').toString();
  const page = createPageBuffer({ ...list, order: (a: T, b: T) => (keyOf(a) < keyOf(b) ? -1 : 1) });
  for (const item of all) if (keyOf(item) > lastKey) page.add(item);
  const { items, hasMore } = page.take();
  const last = items.at(-1);
  const isLastPage = last === undefined || !hasMore;
  return {
    items,
    nextToken: isLastPage ? undefined : `${queryDigest}.${Buffer.from(keyOf(last)).toString('base64url')}`,
  };
}

/** More than the 1 MB of AWS, because each page of a log reads the log again. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

interface PageLimits<T> extends Pick<Listing<T>, 'limit' | 'bytesOf'> {
  order: (a: T, b: T) => number;
}

/** Collects the first items of a list in the given order. Holds at most about two pages. */
export function createPageBuffer<T>({ order, limit, bytesOf = () => 0 }: PageLimits<T>) {
  let items: T[] = [];
  let bytes = 0;
  let hasMore = false;
  const trim = (): void => {
    items.sort(order);
    bytes = 0;
    const tooMany = items.findIndex((item, index) => {
      bytes += bytesOf(item);
      return index === limit || (index > 0 && bytes > MAX_PAGE_BYTES);
    });
    if (tooMany === -1) return;
    items = items.slice(0, tooMany);
    bytes = items.reduce((total, item) => total + bytesOf(item), 0);
    hasMore = true;
  };
  return {
    add(item: T): void {
      items.push(item);
      bytes += bytesOf(item);
      if (items.length > 2 * limit || bytes > 2 * MAX_PAGE_BYTES) trim();
    },
    take(): { items: T[]; hasMore: boolean } {
      trim();
      return { items, hasMore };
    },
  };
}
