import { expect } from 'vitest';
import { type ItemFields, readItemFields } from '../../functions/mirror/item-fields.ts';
import { itemWith, MINIMAL_FIELDS } from './item-json.ts';

export const fieldsOf = (values: Readonly<Record<string, unknown>>): ItemFields =>
  readItemFields(
    { values, path: '', issues: [] },
    { itemId: String(values['id']), type: String(values['type']) },
  );
export const fieldsWith = (path: string, value: unknown) => fieldsOf(itemWith(path, value));
/** The fields whose values could not be read. */
export const issuePathsOf = (path: string, value: unknown): string[] =>
  (fieldsWith(path, value).fieldIssues ?? []).map(({ field }) => field);
/** Expects that a value costs only its own field. */
export function expectLeftOut(
  path: string,
  value: unknown,
  issue: { received: string; expected: string },
): void {
  expect(fieldsWith(path, value)).toStrictEqual({
    ...MINIMAL_FIELDS,
    fieldIssues: [{ field: path, ...issue }],
  });
}

/** What is expected of a text. */
export const TEXT = 'text of at most 500 characters';
