import { createHash } from 'node:crypto';
import { z } from 'zod';

/** An error that an AWS client sees by its type. */
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

/** One service of the AWS JSON protocol, and its operations by name. */
export interface AwsService {
  /** What precedes the operation in X-Amz-Target. */
  target: string;
  protocol: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  operations: Record<string, (input: unknown) => object | Promise<object>>;
}

/** @throws {AwsError} of that type, which names every parameter that is wrong, or that has no meaning here */
export function parseInput<T extends z.ZodType>(
  schema: T,
  input: unknown,
  type = 'ValidationException',
): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AwsError(type, z.prettifyError(parsed.error));
  return parsed.data;
}

/** A list of which a client takes one page after another. */
export interface Listing<T> {
  items: readonly T[];
  /** Where an item stands. Keys are unique, the items are in their order, and no later item gets among them. */
  keyOf: (item: T) => string;
  limit: number;
  nextToken: string | undefined;
  /** Whatever else was asked: a token is good for the question that it answered. */
  question: unknown;
  /** The service's word for any other token. */
  badToken: string;
}

export interface Page<T> {
  items: T[];
  nextToken: string | undefined;
}

export function pageOf<T>({ items, keyOf, limit, nextToken, question, badToken }: Listing<T>): Page<T> {
  const asked = createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);
  const [given, after = ''] = (nextToken ?? asked).split('.');
  if (given !== asked) throw new AwsError(badToken, `Invalid Token: '${nextToken}'`);
  const reached = Buffer.from(after, 'base64url').toString();
  const rest = items.filter((item) => keyOf(item) > reached);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const isWhole = last === undefined || rest.length === page.length;
  return {
    items: page,
    nextToken: isWhole ? undefined : `${asked}.${Buffer.from(keyOf(last)).toString('base64url')}`,
  };
}
