import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { OrganizationWebhook } from '../webhooks/organization-webhook.ts';
import type { Counts, Ending } from './job-execution.ts';

export interface ListingSummary {
  /** Repositories that GitHub says the organization has, before the ignore list. */
  announced: number;
  /** Repositories that the listing brought, before the ignore list. */
  found: number;
  complete: boolean;
}

/** Why nothing was removed although something was not listed. */
export type RemovalStop =
  | { why: 'INCOMPLETE_LISTING' | 'DISABLED' | 'NOT_ALL_VISIBLE' | 'DEADLINE' }
  | { why: 'LIMIT'; removable: number; mirrored: number; limitPercent: number };

export interface RunSummary {
  listing: ListingSummary;
  counts: Counts;
  removal: RemovalStop | undefined;
  options: Pick<RunOptions, 'dryRun'>;
  /** Where the project webhook is that of the organization. */
  organizationWebhook?: OrganizationWebhook | undefined;
}

/** How a run that reached its end ended, in the words that the operators' reports search for. */
export function endingOfRun(run: RunSummary): Ending {
  return {
    status: 'COMPLETED',
    exitCode: exitCodeOf(run),
    exitMessage: [...facts(run), ...troubles(run)].join(', '),
    counts: run.counts,
  };
}

function exitCodeOf(run: RunSummary): Ending['exitCode'] {
  if (!run.listing.complete) return 'INCOMPLETE_LISTING';
  const { failed, deferred } = run.counts;
  const isWhole = failed + deferred === 0 && troubles(run).length === 0;
  return isWhole ? 'COMPLETED' : 'COMPLETED_WITH_FAILURES';
}

function facts({ counts, options, organizationWebhook }: RunSummary): string[] {
  return [
    `Total item bank ids: ${counts.total}`,
    `number of items requiring project webhook: ${counts.requiringProjectWebhook}`,
    `created: ${counts.created}`,
    `updated: ${counts.updated}`,
    `unchanged: ${counts.unchanged}`,
    `removed: ${counts.removed}`,
    `deferred: ${counts.deferred}`,
    `failed: ${counts.failed}`,
    ...(organizationWebhook ? [`webhook of the organization: ${organizationWebhook.left}`] : []),
    ...(options.dryRun ? ['dry run: nothing was written'] : []),
  ];
}

function troubles({ listing, counts, removal, options, organizationWebhook }: RunSummary): string[] {
  // A dry run writes no webhook, and has not failed to.
  const [notCreated, notRepaired] = options.dryRun
    ? [0, 0]
    : [counts.webhooksNotCreated, counts.webhooksNotRepaired];
  return [
    ...(notCreated > 0 ? [`project webhooks not created: ${notCreated}`] : []),
    ...(notRepaired > 0 ? [`project webhooks not repaired: ${notRepaired}`] : []),
    ...(organizationWebhook ? troubleOf(organizationWebhook) : []),
    ...(counts.webhooksNotChecked > 0 ? [`project webhooks not checked: ${counts.webhooksNotChecked}`] : []),
    ...(removal ? sentenceOf(removal) : []),
    ...(listing.complete
      ? []
      : [`incomplete listing: found ${listing.found} of ${listing.announced} repositories`]),
  ];
}

function troubleOf({ trouble }: OrganizationWebhook): string[] {
  return trouble
    ? [`trouble with the webhook of the organization: ${trouble.reason}: ${trouble.message}`]
    : [];
}

function sentenceOf(stop: RemovalStop): string[] {
  switch (stop.why) {
    case 'LIMIT':
      return [
        `removal stopped: ${stop.removable} of ${stop.mirrored} items would be removed, more than ${stop.limitPercent} percent`,
      ];
    case 'NOT_ALL_VISIBLE':
      return ['removal skipped: the token does not see every repository of the organization'];
    case 'DEADLINE':
      return ['removal left to the next run'];
    // An incomplete listing has words of its own, and a removal that is switched off is no trouble.
    case 'INCOMPLETE_LISTING':
    case 'DISABLED':
      return [];
  }
}
