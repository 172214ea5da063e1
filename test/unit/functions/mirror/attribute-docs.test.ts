import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ATTRIBUTE_DOCS,
  type AttributeExample,
  withAttributes,
} from '../../../../functions/mirror/attribute-docs.ts';
import { readItemJson } from '../../../../functions/mirror/item-json.ts';
import { planItem } from '../../../../functions/mirror/plan-item.ts';
import { fileOf, MINIMAL_ITEM } from '../../../support/item-json.ts';
import { bankItem } from '../../../support/items-table.ts';

const PAGE = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'mirror.md');

type Values = Readonly<Record<string, unknown>>;

/** The values with another one at a path. */
function withValue(values: Values, [name = '', ...rest]: readonly string[], value: unknown): Values {
  if (rest.length === 0) return { ...values, [name]: value };
  return { ...values, [name]: withValue({ ...(values[name] as Values) }, rest, value) };
}

/** An item.json with values at these paths. */
const fileAt = (values: Values): Uint8Array =>
  fileOf(
    Object.entries(values).reduce<Values>(
      (file, [path, value]) => withValue(file, path.split('.'), value),
      MINIMAL_ITEM,
    ),
  );

/** ITEM as a run would write it. */
function itemOf({ item, revisions }: AttributeExample): object {
  const reading = readItemJson(fileAt(item));
  if (reading.kind === 'failed') throw new Error(reading.failure.message);
  const history = revisions?.map((revision, index) => ({ sha: `commit-${index}`, author: '', ...revision }));
  const { item: fields, keywords, text: itemJson } = reading;
  const bank = bankItem({ fields, keywords, itemJson, ...(history && { revisions: history }) });
  const plan = planItem({ before: undefined, stored: [], bank });
  if (plan.kind === 'failed') throw new Error(plan.failure.message);
  return plan.item;
}

describe('the documentation of the attributes', () => {
  it.each(Object.entries(ATTRIBUTE_DOCS))('has an example of %s that is right', (name, { example }) => {
    expect(itemOf(example)).toMatchObject({ [name]: example.value });
  });

  it('has every attribute that follows from item.json and its revisions', () => {
    const ofRepository = Object.keys(bankItem());
    for (const { example } of Object.values(ATTRIBUTE_DOCS)) {
      const unknown = Object.keys(itemOf(example)).filter(
        (name) => !(name in ATTRIBUTE_DOCS) && name !== 'schemaVersion' && !ofRepository.includes(name),
      );
      expect(unknown).toEqual([]);
    }
  });

  it('is current: npm run docs:mirror writes it', async () => {
    const page = await readFile(PAGE, 'utf8');
    expect(withAttributes(page)).toBe(page);
  });
});
