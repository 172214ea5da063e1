import type { ItemView, SyncItemAnswer } from '../api/answers.ts';
import { formatTable, join, type Paint, type Text, type Tone } from '../terminal/paint.ts';
import { formatTime } from './quantities.ts';
import { adviceOnReason } from './reasons.ts';

/** An item as lines of a label and a value. */
export function describeItem(view: ItemView, paint: Paint): Text[] {
  const [state, tone] = stateOf(view);
  const name = nameOf(view);
  const facts = factsOf(view).flatMap(([label, value]) =>
    value === undefined ? [] : [[paint(`  ${label}`, 'faint'), paint(value)]],
  );
  return [join([paint(`${name}: `, 'strong'), paint(state, tone)]), ...formatTable(facts)];
}

function nameOf({ item, repository }: ItemView): string {
  const { itemId, type } = item ?? {};
  return itemId === undefined ? `Repository ${repository}` : `Item ${itemId}${type ? ` (${type})` : ''}`;
}

function stateOf({ freshness, lastFailure }: ItemView): [string, Tone] {
  const { staleSince, deferredAt } = freshness;
  if (staleSince !== null) {
    const reason = lastFailure === null ? '' : `, ${lastFailure.reason}`;
    return [`stale since ${formatTime(staleSince)}${reason}`, 'bad'];
  }
  if (deferredAt !== null) return [`left to later runs since ${formatTime(deferredAt)}`, 'warning'];
  return ['up to date', 'good'];
}

function factsOf(view: ItemView): [label: string, value: string | undefined][] {
  const { freshness, lastFailure } = view;
  const textOf = (field: string): string | undefined => {
    const value = view.item?.[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return [
    ['item bank id', String(view.itemBankId)],
    ['repository', `${view.repository}${view.archived ? ' (archived)' : ''}`],
    ['subject', textOf('subject')],
    ['workflow', textOf('workflowStatus')],
    ['verified', freshness.lastVerifiedAt === null ? 'never' : formatTime(freshness.lastVerifiedAt)],
    ['changed', freshness.lastChangedAt === null ? 'never' : formatTime(freshness.lastChangedAt)],
    ['why', lastFailure?.message],
    ['what to do', lastFailure === null ? undefined : adviceOnReason(lastFailure.reason)],
    ['mirrored', view.mirrored ? undefined : 'no: there has never been a valid item.json'],
  ];
}

/** What synchronizing an item did. */
export function describeSynchronized(answer: SyncItemAnswer, paint: Paint): Text[] {
  const { itemBankId, repository, outcome, webhook, dryRun, reason, message } = answer;
  const advice = reason === undefined ? undefined : adviceOnReason(reason);
  const tone = outcome === 'failed' ? 'bad' : 'good';
  const kind = dryRun ? ' (dry run, nothing was written)' : '';
  return [
    join([
      paint(`Item bank id ${itemBankId} (${repository}): `, 'strong'),
      paint(outcome, tone),
      paint(`, webhook ${webhook}${kind}`),
    ]),
    ...(reason === undefined ? [] : [paint(`  ${reason}: ${message ?? ''}`)]),
    ...(advice === undefined ? [] : [paint(`  ${advice}`)]),
  ];
}
