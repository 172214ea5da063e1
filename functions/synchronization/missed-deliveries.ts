import { lastVerifiedAt } from '../mirror/freshness.ts';
import { isMarked, type MirrorRow } from '../mirror/mirror-rows.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { MissedDelivery } from '../shared/contract/webhooks.ts';
import { type DeliveryKnowledge, judgeChange } from '../webhooks/missed-delivery.ts';
import type { Candidate } from './synchronization.ts';

/**
 * Judges the changes of items that no delivery may have announced. A change that an earlier invocation of the run has
 * written keeps its judgment, so that a repeated invocation counts the same.
 */
export async function judgeChanges(
  knowledge: DeliveryKnowledge,
  candidates: readonly Candidate[],
): Promise<Map<ItemBankId, MissedDelivery>> {
  const judgments = new Map(
    candidates.flatMap((candidate): [ItemBankId, MissedDelivery][] => {
      const judgment = judge(knowledge, candidate);
      return judgment ? [[candidate.repository.itemBankId, judgment]] : [];
    }),
  );
  const isAnyMissed = [...judgments.values()].includes('missed');
  if (!isAnyMissed || !(await knowledge.mayBePending())) return judgments;
  return new Map([...judgments.keys()].map((id) => [id, 'unknown']));
}

/** @returns undefined if nothing was pushed, or the item is new. */
function judge(
  { jobExecutionId, lastFullRun, sharedWebhook }: DeliveryKnowledge,
  { row, changed, head, readAt }: Candidate,
): MissedDelivery | undefined {
  if (!row || head.kind !== 'read') return undefined;
  if (!changed) return row.changedBy === jobExecutionId ? row.delivery : undefined;
  const { headCommit, branch } = changed.seen;
  // A new item, a new name and a new release of this service are no pushes to a mirrored item.
  if (row.headCommit === undefined || row.headCommit === headCommit) return undefined;
  const before = withoutFailureOf(row, jobExecutionId);
  return judgeChange({
    verifiedAt: isMarked(before) || before.incomplete ? undefined : lastVerifiedAt(before, lastFullRun),
    isSameBranch: row.branch === branch,
    pushedAt: head.pushedAt,
    readAt,
    webhook: sharedWebhook ? sharedWebhook.known : row.webhook,
  });
}

/** The row before an earlier invocation of this run recorded that it could not follow the change. */
function withoutFailureOf(row: MirrorRow, jobExecutionId: JobExecutionId): MirrorRow {
  const { failure, ...rest } = row;
  const isOfThisRun = failure?.jobExecutionId === jobExecutionId && failure.since === failure.at;
  return isOfThisRun ? rest : row;
}
