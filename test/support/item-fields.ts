import { expect } from 'vitest';
import { type ItemFields, readItemFields } from '../../functions/mirror/item-fields.ts';
import { itemWith, MINIMAL_FIELDS, PROVIDED, REQUIRED } from './item-json.ts';

export const fieldsOf = (values: Readonly<Record<string, unknown>>): ItemFields =>
  readItemFields(
    { values, path: '', issues: [] },
    { itemId: String(values['id']), type: String(values['type']) },
  );
export const fieldsWith = (path: string, value: unknown) => fieldsOf(itemWith(path, value));
/** The fields whose values could not be read. */
export const issuePathsOf = (path: string, value: unknown): string[] =>
  (fieldsWith(path, value).fieldIssues ?? []).map(({ field }) => field);
/** Fields that a file has even if it says nothing, by the paths that they depend on. */
const WITH_DEFAULT: readonly (readonly [path: string, field: string])[] = [
  ...REQUIRED,
  ...PROVIDED,
  ['asl.attachments', 'aslUploadedBeforeContentUpdate'],
  ['braille.attachments', 'brailleUploadedBeforeContentUpdate'],
  ['cc.attachments', 'closedCaptionsUploadedBeforeContentUpdate'],
  ['core.en.updatedDate', 'aslUploadedBeforeContentUpdate'],
  ['core.en.updatedDate', 'brailleUploadedBeforeContentUpdate'],
  ['core.en.updatedDate', 'closedCaptionsUploadedBeforeContentUpdate'],
  ['core.contentUpdateNeeds', 'hasUnresolvedUpdateNeed'],
];

/** Expects that a value costs only its own field, or those that depend on the part that it replaces. */
export function expectLeftOut(
  path: string,
  value: unknown,
  issue: { received: string; expected: string },
): void {
  const lost = new Set(
    WITH_DEFAULT.flatMap(([place, field]) => (`${place}.`.startsWith(`${path}.`) ? [field] : [])),
  );
  const others = Object.entries(MINIMAL_FIELDS).filter(([field]) => !lost.has(field));
  expect(fieldsWith(path, value)).toStrictEqual({
    ...Object.fromEntries(others),
    fieldIssues: [{ field: path, ...issue }],
  });
}

/** What is expected of a text. */
export const TEXT = 'text of at most 500 characters';
