import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { SharedWebhook } from '../shared/contract/webhooks.ts';
import type { Counts, Ending } from './job-execution.ts';

export interface ListingSummary {
  /** Repositories that the organization has according to GitHub, including ignored ones. */
  announced: number;
  /** Repositories that the listing found, including ignored ones. */
  found: number;
  complete: boolean;
}

/** Why nothing was removed although mirrored items were not listed. */
export type RemovalStop =
  | { reason: 'INCOMPLETE_LISTING' | 'DISABLED' | 'NOT_ALL_VISIBLE' | 'VISIBILITY_UNKNOWN' | 'DEADLINE' }
  | { reason: 'LIMIT'; removable: number; mirrored: number; limitPercent: number };

/** How far a run was when somebody stopped it. */
interface RunStop {
  stoppedBy: string;
  /** Listed ids that have no outcome; undefined if the run had not listed any. */
  unprocessed: number | undefined;
}

export interface RunSummary {
  listing: ListingSummary;
  counts: Counts;
  removal: RemovalStop | undefined;
  options: Pick<RunOptions, 'dryRun' | 'restartOf'>;
  /** Only of a run that was stopped. */
  stop?: RunStop | undefined;
  /** Only if one webhook reports all repositories. */
  sharedWebhook?: SharedWebhook | undefined;
}

/** The ending of a run that reached its end or was stopped, in the words that the operators' reports search for. */
export function endingOfRun(run: RunSummary): Ending {
  const { counts, options, stop, sharedWebhook } = run;
  const facts = [
    `Total item bank ids: ${counts.total}`,
    `number of items requiring project webhook: ${counts.requiringProjectWebhook}`,
    `created: ${counts.created}`,
    `updated: ${counts.updated}`,
    `unchanged: ${counts.unchanged}`,
    `removed: ${counts.removed}`,
    `deferred: ${counts.deferred}`,
    `failed: ${counts.failed}`,
    // Only in the first run after a release.
    ...(counts.derived > 0 ? [`derived: ${counts.derived}`] : []),
    // No shortcoming of the run: it comes back each night until an author corrects the item.
    ...(counts.itemsWithFieldIssues > 0
      ? [`items with unreadable fields: ${counts.itemsWithFieldIssues}`]
      : []),
    ...(counts.changedWithoutDelivery > 0
      ? [`changed without a delivery: ${counts.changedWithoutDelivery}`]
      : []),
    ...(sharedWebhook ? [`${nameOf(sharedWebhook)}: ${sharedWebhook.left}`] : []),
    ...secretFacts(counts),
    ...(options.restartOf === undefined ? [] : [`restart of job execution ${options.restartOf}`]),
    ...(options.dryRun ? ['dry run: nothing was written'] : []),
  ];
  const shortcomings = shortcomingsOf(run);
  if (stop) {
    const exitMessage = [...facts, ...shortcomings, ...stopFacts(stop)].join(', ');
    return { status: 'STOPPED', exitCode: 'STOPPED', exitMessage, counts };
  }
  const isFlawless = counts.failed + counts.deferred + shortcomings.length === 0;
  const exitCode = isFlawless ? 'COMPLETED' : 'COMPLETED_WITH_FAILURES';
  return {
    status: 'COMPLETED',
    exitCode: run.listing.complete ? exitCode : 'INCOMPLETE_LISTING',
    exitMessage: [...facts, ...shortcomings].join(', '),
    counts,
  };
}

const nameOf = ({ scope }: SharedWebhook): string =>
  scope === 'app' ? 'App webhook' : 'organization webhook';

function stopFacts({ stoppedBy, unprocessed }: RunStop): string[] {
  const where = unprocessed === undefined ? ' before the item bank ids were listed' : '';
  return [...(unprocessed ? [`not processed: ${unprocessed}`] : []), `stopped by ${stoppedBy}${where}`];
}

/** How far the replacement of the webhook secret is, while there is one. */
function secretFacts({ webhooksWithOtherSecret: others }: Counts): string[] {
  if (others === undefined) return [];
  return others === 0
    ? ['all project webhooks have the new secret']
    : [`project webhooks that may have the previous secret: ${others}`];
}

/** What the run did not achieve, in addition to its failed and deferred ids. */
function shortcomingsOf({ listing, counts, removal, options, sharedWebhook }: RunSummary): string[] {
  // A dry run writes no webhooks, so these are no shortcomings of it.
  const notCreated = options.dryRun ? 0 : counts.webhooksNotCreated;
  const notRepaired = options.dryRun ? 0 : counts.webhooksNotRepaired;
  const failure = sharedWebhook?.failure;
  return [
    ...(notCreated > 0 ? [`project webhooks not created: ${notCreated}`] : []),
    ...(notRepaired > 0 ? [`project webhooks not repaired: ${notRepaired}`] : []),
    ...(sharedWebhook && failure
      ? [`${nameOf(sharedWebhook)} failed: ${failure.reason}: ${failure.message}`]
      : []),
    ...(counts.webhooksNotChecked > 0 ? [`project webhooks not checked: ${counts.webhooksNotChecked}`] : []),
    ...(removal ? removalShortcomings(removal) : []),
    ...(listing.complete
      ? []
      : [`incomplete listing: found ${listing.found} of ${listing.announced} repositories`]),
  ];
}

function removalShortcomings(stop: RemovalStop): string[] {
  switch (stop.reason) {
    case 'LIMIT':
      return [
        `removal stopped: ${stop.removable} of ${stop.mirrored} items would be removed, more than ${stop.limitPercent} percent`,
      ];
    case 'NOT_ALL_VISIBLE':
      return ['removal skipped: the token does not see every repository of the organization'];
    case 'VISIBILITY_UNKNOWN':
      return [
        'removal stopped: the token may not see every repository of the organization (needed: an App that is installed on all repositories, or a classic token of an owner with the scopes repo and read:org)',
      ];
    case 'DEADLINE':
      return ['removal left to the next run'];
    // The message says itself that a listing is incomplete, and a disabled removal is no shortcoming.
    case 'INCOMPLETE_LISTING':
    case 'DISABLED':
      return [];
  }
}
