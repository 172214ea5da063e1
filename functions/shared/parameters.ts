import { SyncError } from './errors.ts';
import * as z from './zod.ts';

/** The query parameters of a request. */
export type QueryParameters = Readonly<Record<string, string | undefined>>;

const wholeNumber = (least: number, most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d+$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(least), z.maximum(most))),
  );

export interface PageRequest {
  /** The `next` of the page before. */
  cursor?: string;
  /** How many elements the page has at most. */
  limit: number;
}

/** @throws SyncError `RequestInvalid`. */
export function parsePage(
  { cursor, limit }: QueryParameters,
  { most, byDefault }: { most: number; byDefault: number },
): PageRequest {
  const parsed = z._default(wholeNumber(1, most), byDefault).safeParse(limit);
  if (parsed.success) return { ...(cursor !== undefined && { cursor }), limit: parsed.data };
  throw new SyncError('RequestInvalid', `limit must be a number from 1 to ${most}`);
}

// The answer and the log repeat names that the caller has chosen.
const MAX_NAME_CHARACTERS = 100;
const MAX_NAMES = 10;

/** A fault for each parameter that a route does not know: a misspelt filter must not return everything. */
export function faultsOfUnknown(parameters: QueryParameters, known: readonly string[]): string[] {
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name));
  return unknown.slice(0, MAX_NAMES).map((name) => `unknown parameter ${name.slice(0, MAX_NAME_CHARACTERS)}`);
}

/** An optional parameter. */
export interface Filter<Value> {
  schema: z.ZodMiniType<Value>;
  /** The accepted values, to follow "must be" in a sentence. */
  rule: string;
}

export const oneOf = <Value extends string>(values: readonly Value[]): Filter<Value> => ({
  schema: z.enum(values),
  rule: `one of ${values.join(', ')}`,
});

/**
 * Parses the filters of a list. The result is in the order of `filters`.
 * @throws SyncError `RequestInvalid` with every fault.
 */
export function parseFilters<Values extends object>(
  parameters: QueryParameters,
  filters: { [Name in keyof Values]: Filter<Values[Name]> },
): Partial<Values> {
  const faults = faultsOfUnknown(parameters, Object.keys(filters));
  const entries = Object.entries<Filter<unknown>>(filters).flatMap(([name, { schema, rule }]) => {
    if (parameters[name] === undefined) return [];
    const parsed = schema.safeParse(parameters[name]);
    if (!parsed.success) faults.push(`${name} must be ${rule}`);
    return [[name, parsed.data] as const];
  });
  if (faults.length > 0) throw new SyncError('RequestInvalid', faults.join('; '));
  // Each value is the output of the schema of its name.
  return Object.fromEntries(entries) as Partial<Values>;
}
