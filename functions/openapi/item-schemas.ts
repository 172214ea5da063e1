import { ATTRIBUTE_DOCS } from '../mirror/attribute-docs.ts';
import type { itemSummary } from '../mirror/item-view.ts';
import type { FieldIssue } from '../shared/contract/job-execution.ts';
import { count, described, flag, listOf, objectOf, orNull, type Schema, text, time } from './schema.ts';
import { FAILURE, itemBankId, ref, repository } from './shared-schemas.ts';

type ItemSummary = ReturnType<typeof itemSummary>;
const LOOKED_UP = {
  daysInWorkflowStatus: described('Calendar days in UTC since `workflowStatusSetAt`.', { type: 'integer' }),
  associatedItemCount: described('Of a stimulus: how many items of other types have it.', count),
  stimulusItemBankId: described('The item bank id of its stimulus.', itemBankId),
};

const ITEM_SUMMARY: Record<keyof ItemSummary, Schema> = {
  itemBankId,
  repository,
  archived: flag,
  mirrored: described('Whether there ever was a valid item.json.', flag),
  item: orNull(ref('ItemFields')),
  freshness: objectOf<ItemSummary['freshness']>({
    lastVerifiedAt: described('When the bank last had what is shown.', orNull(time)),
    lastChangedAt: orNull(time),
    staleSince: described('Since when the mirror could not follow the bank.', orNull(time)),
    deferredAt: described('Since when runs have left the item to later ones.', orNull(time)),
  }),
  lastFailure: orNull(objectOf({ ...FAILURE, since: time, at: time }, ['githubRequestId'])),
};

const REVISION = {
  sha: text,
  committedAt: time,
  authoredAt: time,
  author: described("The author's name in git.", text),
  authorLogin: described("The author's login at GitHub.", text),
  workflowStatus: text,
  branch: text,
};

/** The schemas of the answers about items of the mirror. */
export const ITEM_SCHEMAS: Readonly<Record<string, Schema>> = {
  ItemSummary: objectOf<ItemSummary>(ITEM_SUMMARY),
  FindItemsAnswer: objectOf(
    { items: listOf(ref('ItemSummary')), next: described('The `cursor` of the next page.', text) },
    ['next'],
  ),
  Item: objectOf(
    {
      ...ITEM_SUMMARY,
      keywords: described(
        'The texts by which people search.',
        listOf(objectOf({ section: text, content: text })),
      ),
      omittedKeywords: described('How many did not fit.', count),
      revisions: described(
        'The oldest first.',
        listOf(objectOf(REVISION, ['committedAt', 'authoredAt', 'authorLogin', 'workflowStatus', 'branch'])),
      ),
      itemJson: described('item.json exactly as it is in the bank.', {}),
    },
    ['keywords', 'omittedKeywords'],
  ),
  ItemFields: itemFields(),
};

/** The attributes of an item. All are optional: an attribute is absent if item.json does not have the value. */
function itemFields(): Schema {
  const fieldIssues = listOf(objectOf<FieldIssue>({ field: text, received: text, expected: text }));
  const attributes = Object.entries(ATTRIBUTE_DOCS).map(([name, { from, rule, example }]) => [
    name,
    { ...typeOf(example.value), description: `${from}: ${rule}`, examples: [example.value] },
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(attributes), fieldIssues, ...LOOKED_UP },
  };
}

function typeOf(value: unknown): Schema {
  return Array.isArray(value) ? { type: 'array', items: { type: 'object' } } : { type: typeof value };
}
