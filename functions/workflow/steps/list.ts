import type { ListItemBankIdsResult, WebhookScope, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { SyncError } from '../../errors.ts';
import { batchesFor, type Listing, readListing, workersFor, writeListing } from '../../executions/listing.ts';
import { assertHoldsLock } from '../../executions/lock.ts';
import { recordForecast } from '../../executions/requests.ts';
import { forecastRun } from '../../item-bank/forecast.ts';
import type { BankRequest } from '../../item-bank/github.ts';
import { detailsOf } from '../../item-bank/github-answers.ts';
import { type BankListing, type ListRequest, listRepositories } from '../../item-bank/list-repositories.ts';
import { readQuota } from '../../item-bank/quota.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub } from '../../runtime/github-access.ts';
import type { Meter } from '../../runtime/metering.ts';
import { pauseFor } from '../../synchronization/pause.ts';
import type { Forecast } from '../../vocabulary.ts';
import { onAccount } from './accounting.ts';
import { deferredUntil, done, resumesWithin } from './deferral.ts';
import * as story from './story.ts';

export type ListDependencies = Invocation &
  Omit<ListRequest, 'github'> & { table: Table; connect: ConnectToGitHub; webhookScope: WebhookScope };

/** Lists the bank and cuts it into batches. A repeated invocation finds what the first one wrote. */
export async function list(
  dependencies: ListDependencies,
  event: WorkflowEvent,
): Promise<ListItemBankIdsResult> {
  const { table, log } = dependencies;
  const { executionArn, jobExecutionId, deadline } = event;
  await assertHoldsLock(table, executionArn);
  const known = await readListing(table, jobExecutionId);
  if (known) {
    story.listedBefore(log, known.total);
    return { ...done(dependencies), ...work(known) };
  }
  try {
    const listing = await onAccount(dependencies, event, (metered) => listNow(metered, jobExecutionId));
    return { ...done(dependencies), ...work(listing) };
  } catch (error) {
    const pause = pauseFor(error);
    if (!resumesWithin(deadline, pause)) {
      throw new SyncError('GitHubRateLimited', `GitHub asks to wait beyond the deadline: ${pause.why}`, {
        details: detailsOf(pause),
      });
    }
    story.waiting(log, pause.resumeAt.toISOString(), pause.why);
    return { ...deferredUntil(pause), batches: [], workers: 1 };
  }
}

async function listNow(
  dependencies: ListDependencies & Meter,
  id: WorkflowEvent['jobExecutionId'],
): Promise<Listing> {
  const { log, now, connect } = dependencies;
  story.listing(log);
  const startedAt = now().getTime();
  const { github } = await connect();
  const request = { ...dependencies, github };
  const bank = await listRepositories(request);
  const seconds = Math.round((now().getTime() - startedAt) / 1_000);
  const forecast = await forecastOf(dependencies, request, bank);
  // Before the listing, which a repeated invocation takes for all there is to do.
  await recordForecast(dependencies, id, forecast);
  const listing = await writeListing(dependencies, id, { ...bank, webhookShare: forecast.webhookShare });
  story.listed(log, listing.total, seconds);
  story.forecast(log, forecast, { queries: listing.batches.length });
  if (!bank.complete) story.listingIncomplete(log, bank.found, bank.announced);
  return listing;
}

async function forecastOf(
  { used, now, webhookScope }: ListDependencies & Meter,
  request: BankRequest,
  { repositories }: BankListing,
): Promise<Forecast> {
  const batches = repositories.length === 0 ? 0 : batchesFor(repositories.length);
  const size = {
    batches,
    workers: workersFor(batches),
    // An archived one can have no new webhook, and is not looked at.
    webhookLooks:
      webhookScope === 'organization' ? 1 : repositories.filter(({ archived }) => !archived).length,
    listing: used(),
  };
  const quota = await readQuota(request);
  return forecastRun(size, { limits: request.github.limits, quota, now: now() });
}

function work({ batches }: Listing): Pick<ListItemBankIdsResult, 'batches' | 'workers'> {
  return { batches, workers: workersFor(batches.length) };
}
