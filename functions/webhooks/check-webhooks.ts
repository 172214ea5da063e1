import { isDeepStrictEqual } from 'node:util';
import pMap from 'p-map';
import { isRepositoryName } from '../github/repository.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { checkWebhook, knownAfterCheck, type WebhookCheck, type WebhookContext } from './check-webhook.ts';
import { repositoryWebhooks } from './webhook-target.ts';

/** The check of one repository's webhooks. */
export interface RepositoryCheck extends WebhookCheck {
  /** Epoch milliseconds. */
  startedAt: number;
  /** What the item's row remembered of the webhook when the check began. */
  known: KnownWebhook | undefined;
  /** What to remember of the webhook, if that is new. */
  remember: KnownWebhook | undefined;
}

/** A repository whose webhooks may be checked. */
export interface Unchecked {
  repository: ListedRepository;
  known: KnownWebhook | undefined;
  /** GitHub has just reported that the repository does not exist, or its current name is not known. */
  isUnreachable: boolean;
}

/** Which repositories have their webhooks checked: all, none, or those chosen by rotation. */
export type Selection = 'all' | 'none' | ReadonlySet<ItemBankId>;

export interface CheckRequest {
  context: WebhookContext;
  selection: Selection;
  /** How many repositories are checked at a time. */
  concurrency: number;
  /** Asked before each check. */
  stop: () => Deferral | undefined;
}

/**
 * Checks the webhooks of repositories and adds the results to `checks`, so that what was checked is kept if the rest
 * must wait. Repositories that are already in `checks` are skipped.
 * @returns why some were not checked.
 */
export async function checkWebhooks(
  { context, selection, concurrency, stop }: CheckRequest,
  checks: Map<ItemBankId, RepositoryCheck>,
  repositories: readonly Unchecked[],
): Promise<Deferral | undefined> {
  let deferral: Deferral | undefined;
  const check = async ({ repository, known, isUnreachable }: Unchecked): Promise<void> => {
    deferral ??= stop();
    if (deferral) return;
    const now = context.now();
    try {
      const checked = isUnreachable
        ? ({ found: 'unchecked' } as const)
        : await checkRepository(context, repository, known);
      const remember = knownAfterCheck(known, checked, now);
      checks.set(repository.itemBankId, { ...checked, known, remember, startedAt: now.getTime() });
    } catch (error) {
      deferral = deferralOf(error);
    }
  };
  const unchecked = repositories.filter(({ repository }) => !checks.has(repository.itemBankId));
  const selected = unchecked.filter(({ repository }) => isSelected(selection, repository));
  for (const { repository, known } of unchecked) {
    if (isSelected(selection, repository)) continue;
    const startedAt = context.now().getTime();
    checks.set(repository.itemBankId, { found: 'unchecked', known, remember: undefined, startedAt });
  }
  await pMap(selected, check, { concurrency });
  if (deferral?.kind === 'rate-limited') forgetUnexplained(checks);
  return deferral;
}

/** Earlier refusals without a reason were probably caused by the same rate limit. Their webhooks are checked again. */
function forgetUnexplained(checks: Map<ItemBankId, RepositoryCheck>): void {
  for (const [id, { isUnexplained }] of checks) if (isUnexplained) checks.delete(id);
}

function isSelected(selection: Selection, { itemBankId, archived }: ListedRepository): boolean {
  if (typeof selection === 'string') return selection === 'all';
  return archived || selection.has(itemBankId);
}

async function checkRepository(
  context: WebhookContext,
  { repositoryName, archived }: ListedRepository,
  known: KnownWebhook | undefined,
): Promise<WebhookCheck> {
  if (!isRepositoryName(repositoryName)) {
    const message = 'the repository name is not one that GitHub allows, so it is not used in a path';
    return { found: 'unchecked', failure: { reason: 'REPOSITORY_NAME_INVALID', message } };
  }
  if (archived) return { found: 'archived' };
  return checkWebhook(context, repositoryWebhooks(context, repositoryName), known);
}

/**
 * What the item's row should remember of its webhook after a check.
 * @param known what the row remembers now.
 * @returns undefined if there is nothing new, or if the webhook was written after the check began.
 */
export function webhookToRemember(
  { remember, startedAt, known: before }: RepositoryCheck,
  known: KnownWebhook | undefined,
): KnownWebhook | undefined {
  if (known?.checkedAt === undefined) return remember;
  const checkedAt = Date.parse(known.checkedAt);
  // In the same millisecond, only what the check did not know can be later than it.
  const isOutdated = checkedAt > startedAt || (checkedAt === startedAt && !isDeepStrictEqual(known, before));
  return isOutdated ? undefined : remember;
}
