import { batchesFor, type Listing, readListing, workersFor, writeListing } from '../executions/listing.ts';
import { assertHoldsLock } from '../executions/lock.ts';
import { recordForecast } from '../executions/requests.ts';
import type { ConnectToGitHub } from '../github/connect.ts';
import { forecastRun } from '../github/forecast.ts';
import type { GitHubContext } from '../github/github.ts';
import { type BankListing, listRepositories } from '../github/list-repositories.ts';
import type { Meter } from '../github/metering.ts';
import { readQuota } from '../github/quota.ts';
import { detailsOf } from '../github/responses.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { Forecast } from '../shared/contract/requests.ts';
import type { ListItemBankIdsResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import { onAccount } from '../synchronization/accounting.ts';
import { deferredUntil, done, resumesWithin } from '../synchronization/deferral.ts';
import { pauseFor } from '../synchronization/pause.ts';
import * as story from '../synchronization/run-log.ts';
import { listDependencies } from './dependencies.ts';

export type ListDependencies = Invocation &
  Omit<GitHubContext, 'github'> & {
    ignored: ReadonlySet<string>;
    executionsTable: Table;
    connect: ConnectToGitHub;
    webhookScope: WebhookScope;
  };

/** Lists the bank and cuts it into batches. A repeated invocation finds what the first one wrote. */
export async function listItemBankIds(
  dependencies: ListDependencies,
  event: WorkflowEvent,
): Promise<ListItemBankIdsResult> {
  const { executionsTable, log } = dependencies;
  const { executionArn, jobExecutionId, deadline } = event;
  await assertHoldsLock(executionsTable, executionArn);
  const known = await readListing(executionsTable, jobExecutionId);
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
  request: GitHubContext,
  { repositories }: BankListing,
): Promise<Forecast> {
  const batches = repositories.length === 0 ? 0 : batchesFor(repositories.length);
  const size = {
    batches,
    workers: workersFor(batches),
    // An archived one can have no new webhook, and is not looked at.
    webhookChecks:
      webhookScope === 'organization' ? 1 : repositories.filter(({ archived }) => !archived).length,
    listing: used(),
  };
  const quota = await readQuota(request);
  return forecastRun(size, { limits: request.github.limits, quota, now: now() });
}

function work({ batches }: Listing): Pick<ListItemBankIdsResult, 'batches' | 'workers'> {
  return { batches, workers: workersFor(batches.length) };
}

export const handler = entryPoint(listDependencies, (dependencies, event: WorkflowEvent) =>
  listItemBankIds(dependencies, event),
);
