import type { Counts, Ending } from './job-execution.ts';

export interface ListingSummary {
  /** Repositories that GitHub says the organization has, before the ignore list. */
  announced: number;
  /** Repositories that the listing brought, before the ignore list. */
  found: number;
  complete: boolean;
}

/** How a run that reached its end ended, in the words that the operators' reports search for. */
export function endingOfRun(listing: ListingSummary, counts: Counts): Ending {
  return {
    status: 'COMPLETED',
    exitCode: exitCodeOf(listing, counts),
    exitMessage: message(listing, counts),
    counts,
  };
}

function exitCodeOf({ complete }: ListingSummary, counts: Counts): Ending['exitCode'] {
  if (!complete) return 'INCOMPLETE_LISTING';
  const { failed, deferred, webhooksNotCreated } = counts;
  return failed + deferred + webhooksNotCreated > 0 ? 'COMPLETED_WITH_FAILURES' : 'COMPLETED';
}

function message(listing: ListingSummary, counts: Counts): string {
  return [
    `Total item bank ids: ${counts.total}`,
    `number of items requiring project webhook: ${counts.requiringProjectWebhook}`,
    ...(counts.webhooksNotCreated > 0 ? [`project webhooks not created: ${counts.webhooksNotCreated}`] : []),
    ...(counts.deferred > 0 ? [`deferred: ${counts.deferred}`] : []),
    ...(counts.failed > 0 ? [`failed: ${counts.failed}`] : []),
    ...(listing.complete
      ? []
      : [`incomplete listing: found ${listing.found} of ${listing.announced} repositories`]),
  ].join(', ');
}
