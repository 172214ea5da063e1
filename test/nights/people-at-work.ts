import type { Octokit } from '@octokit/rest';
import { memberAt, type Organization } from '../property/organization.ts';
import { mend, perform } from '../property/people.ts';
import { ORGANIZATION } from '../support/bank.ts';
import { allRows } from '../support/dynamodb.ts';
import type { Scene } from './night.ts';
import type { Change } from './plan.ts';
import { readTruth } from './truth.ts';

/** Does what people do to a bank, if it is possible. */
export async function change(organization: Organization, operation: Change): Promise<void> {
  if (!isAboutWebhook(operation)) return perform(organization, operation);
  const repository = memberAt(organization.repositories, operation.repository);
  if (!repository || repository.archived) return;
  const { github } = organization;
  const place = { owner: ORGANIZATION, repo: repository.name };
  const { data: webhooks } = await github.rest.repos.listWebhooks(place);
  for (const { id: hook_id } of webhooks) await changeWebhook(github, operation.kind, { ...place, hook_id });
}

type WebhookChange = Extract<Change, { kind: 'delete webhook' | 'change webhook' }>;

const isAboutWebhook = (operation: Change): operation is WebhookChange =>
  operation.kind === 'delete webhook' || operation.kind === 'change webhook';

async function changeWebhook(
  github: Octokit,
  kind: 'delete webhook' | 'change webhook',
  webhook: { owner: string; repo: string; hook_id: number },
): Promise<void> {
  if (kind === 'delete webhook') await github.rest.repos.deleteWebhook(webhook);
  else await github.rest.repos.updateWebhook({ ...webhook, active: false });
}

/**
 * Repairs the files that the mirror once showed. It still shows their last good content, which nothing in the bank tells.
 * A file that could never be read stays as it is.
 */
export async function mendMirrored({ organization, tables }: Scene): Promise<void> {
  const rows = await allRows(tables.itemsTable);
  const shown = new Set(rows.flatMap(({ sk, itemBankId }) => (sk === 'ITEM_JSON' ? [itemBankId] : [])));
  for (const { itemBankId, item } of await readTruth(organization)) {
    const repository = organization.repositories.find(({ id }) => id === itemBankId);
    if (!item && repository && shown.has(itemBankId)) await mend(organization, repository);
  }
}
