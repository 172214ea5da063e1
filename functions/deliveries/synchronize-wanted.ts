import type { ItemResult } from '../executions/item-result.ts';
import { readState } from '../executions/lock.ts';
import { metered } from '../github/metering.ts';
import { openMirror } from '../mirror/mirror.ts';
import { nameAwsFailure } from '../shared/aws-errors.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Reason } from '../shared/contract/job-execution.ts';
import type { Deferral } from '../shared/deferral.ts';
import { isSyncError } from '../shared/errors.ts';
import { errorAttribute } from '../shared/logger.ts';
import { type ItemStepDependencies, REQUESTS_PER_WORKER } from '../synchronization/run-items.ts';
import * as runLog from '../synchronization/run-log.ts';
import { outOfTime, TIME_TO_STOP_MS } from '../synchronization/run-step.ts';
import type { SynchronizationContext } from '../synchronization/synchronization.ts';
import { synchronizeItems } from '../synchronization/synchronize-items.ts';
import { webhookContext } from '../webhooks/check-webhook.ts';
import type { Fate } from './fate.ts';
import { isAnnounced, isBehind, isUnseen } from './overtaken.ts';
import { type RemovalRules, removeAnnounced } from './remove-announced.ts';
import { findTasks, type WantedItem } from './wanted-repositories.ts';

export interface DeliveryDependencies extends ItemStepDependencies, RemovalRules {
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  dryRunOnly: boolean;
}

// Two invocations at a time share GitHub's limits. A run has workers of its own, which already use all that the limits
// allow. While one is in progress, deliveries take as little as a client can, because they are few most of the time.
const WORKERS = { alone: 2, duringRun: 10 };

/**
 * Synchronizes items because of deliveries, in the same way as a batch of a run does, whether or not a run is in
 * progress. An error about one item affects only its own messages.
 */
export async function synchronizeWanted(
  dependencies: DeliveryDependencies,
  items: readonly WantedItem[],
): Promise<Map<ItemBankId, Fate>> {
  const { connect, shareWaits } = metered(dependencies.connect);
  const fates = new Map<ItemBankId, Fate>();
  const attempt = async (group: readonly WantedItem[]): Promise<void> => {
    try {
      await synchronizeTogether({ ...dependencies, connect }, group, fates);
    } catch (thrown) {
      const error = nameAwsFailure(thrown);
      const open = group.filter(({ itemBankId }) => !fates.has(itemBankId));
      if (open.length > 1 && !concernsAll(error)) {
        for (const half of chunksOf(open, { count: Math.ceil(open.length / 2) })) await attempt(half);
        return;
      }
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      dependencies.log.error(`item bank ids ${idsOf(open)}: ${message}`, errorAttribute(error));
      for (const { itemBankId } of open) fates.set(itemBankId, { kind: 'later', message });
    }
  };
  try {
    if (items.length > 0) await attempt(items);
  } finally {
    await shareWaits(dependencies);
  }
  return fates;
}

const idsOf = (items: readonly WantedItem[]): string => items.map(({ itemBankId }) => itemBankId).join(', ');

/** Errors with other names than these may be about a single item, such as its unreadable row. */
function concernsAll(error: unknown): boolean {
  return isSyncError(error) && error.name !== 'RowInvalid' && error.name !== 'RowTooNew';
}

/** Adds the fates of the items that are done. Whatever has none when an error is thrown is attempted again. */
async function synchronizeTogether(
  dependencies: DeliveryDependencies,
  items: readonly WantedItem[],
  fates: Map<ItemBankId, Fate>,
): Promise<void> {
  const github = await openGitHub(dependencies);
  const mirror = openMirror(dependencies, { dryRun: dependencies.dryRunOnly, cause: 'delivery' });
  const { tasks, deferral: unasked } = await askAbout(dependencies, { github, mirror }, items);
  for (const [itemBankId, task] of tasks) {
    if (task.kind === 'nothing') fates.set(itemBankId, { kind: 'done' });
    if (task.kind === 'failed') fates.set(itemBankId, { kind: 'failed', message: task.failure.message });
  }
  const mustWait = unasked !== undefined && unasked.kind !== 'out-of-time';
  const removals = [...tasks.values()].filter((task) => task.kind === 'remove');
  const removed = await removeAnnounced(dependencies, { github, mirror }, mustWait ? [] : removals);
  for (const [itemBankId, fate] of removed.fates) fates.set(itemBankId, fate);
  const context: SynchronizationContext = {
    github,
    mirror,
    concurrency: REQUESTS_PER_WORKER,
    webhookChecks: webhooksToCheck(dependencies, items),
    stop: github.stop,
  };
  const repositories = [...tasks.values()].flatMap((task) =>
    task.kind === 'synchronize' ? [task.repository] : [],
  );
  const synchronized = await synchronizeItems(context, repositories);
  for (const result of synchronized.results) {
    runLog.itemSynchronized(dependencies.log, result);
    fates.set(result.itemBankId, fateOf(result, { items, heads: synchronized.heads }));
  }
  const deferral = lastOf([unasked, removed.deferral, synchronized.deferral]);
  if (!deferral) return;
  for (const { itemBankId } of items) {
    if (!fates.has(itemBankId)) fates.set(itemBankId, { kind: 'later', deferral, message: deferral.message });
  }
}

/** Finds out what has to be done. Keeps half of the time for doing it, which slow answers could otherwise use up. */
function askAbout(
  { now, remainingTimeMs, ignored }: DeliveryDependencies,
  { github, mirror }: Pick<SynchronizationContext, 'github' | 'mirror'>,
  items: readonly WantedItem[],
) {
  const half = Math.max(0, remainingTimeMs() - TIME_TO_STOP_MS) / 2;
  const stop = () => outOfTime({ now, remainingTimeMs: () => remainingTimeMs() - half });
  return findTasks({ github: { ...github, stop }, mirror, ignored }, items);
}

function fateOf(
  { itemBankId, outcome, reason, message = '' }: ItemResult,
  { items, heads }: { items: readonly WantedItem[]; heads: ReadonlyMap<ItemBankId, string> },
): Fate {
  const isPassing = outcome === 'failed' && reason !== undefined && PASSING_REASONS.has(reason);
  if (isPassing) return { kind: 'failed', message };
  const { messages = [] } = items.find((item) => item.itemBankId === itemBankId) ?? {};
  if (isAnnounced('deleted', messages)) {
    return { kind: 'failed', message: 'GitHub still has a repository that it announced as deleted' };
  }
  if (isUnseen(reason, messages)) {
    return { kind: 'failed', message: 'GitHub shows no item.json yet in a branch that was just pushed to' };
  }
  const head = heads.get(itemBankId);
  return isBehind(head, messages)
    ? { kind: 'failed', message: `GitHub still shows ${head}, the commit before a push` }
    : { kind: 'done', outcome };
}

/** @returns the deferral that lasts longest. */
const lastOf = (deferrals: readonly (Deferral | undefined)[]): Deferral | undefined =>
  deferrals.flatMap((each) => each ?? []).sort((a, b) => b.resumeAt.getTime() - a.resumeAt.getTime())[0];

/** Failures of one item that may pass within minutes. Others last until somebody changes the repository. */
const PASSING_REASONS: ReadonlySet<Reason> = new Set(['GITHUB_ERROR', 'CONFLICT']);

async function openGitHub(dependencies: DeliveryDependencies) {
  const { active } = await readState(dependencies.executionsTable);
  const access = await dependencies.connect(active ? WORKERS.duringRun : WORKERS.alone);
  return { ...webhookContext(access, dependencies), stop: () => outOfTime(dependencies) };
}

/** A delivery shows that the webhook works, unless it reports that the webhook was deleted. */
function webhooksToCheck(
  { webhookScope }: Pick<DeliveryDependencies, 'webhookScope'>,
  items: readonly WantedItem[],
): 'none' | ReadonlySet<ItemBankId> {
  if (webhookScope !== 'repository') return 'none';
  const deleted = items.filter(({ messages }) => messages.some(({ event }) => event === 'meta'));
  return new Set(deleted.map(({ itemBankId }) => itemBankId));
}
