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

/** A service of the AWS JSON protocol. */
export interface AwsService {
  /** The part of X-Amz-Target before the name of the operation. */
  target: string;
  protocol: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  operations: Record<string, (input: unknown) => object | Promise<object>>;
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
  items: readonly T[];
  /** Unique. The items are sorted by it, and new items must not sort between existing ones. */
  keyOf: (item: T) => string;
  limit: number;
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

export function pageOf<T>({ items, keyOf, limit, nextToken, query, badToken }: Listing<T>): Page<T> {
  const queryDigest = createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 22);
  const [given, after = ''] = (nextToken ?? queryDigest).split('.');
  if (given !== queryDigest) throw new AwsError(badToken, `Invalid Token: '${nextToken}'`);
  const lastKey = Buffer.from(after, 'base64url').toString();
  const rest = items.filter((item) => keyOf(item) > lastKey);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const isLastPage = last === undefined || rest.length === page.length;
  return {
    items: page,
    nextToken: isLastPage ? undefined : `${queryDigest}.${Buffer.from(keyOf(last)).toString('base64url')}`,
  };
}
