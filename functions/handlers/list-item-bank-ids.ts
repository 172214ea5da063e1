import { type BankMemory, readBankMemory, rememberOfBank } from '../executions/bank-memory.ts';
import { sharedWaits } from '../executions/github-waits.ts';
import { requireExecution } from '../executions/job-execution.ts';
import {
  BATCH_SIZE,
  batchesFor,
  type Listing,
  MAX_WORKERS,
  readListing,
  workersFor,
  writeListing,
} from '../executions/listing.ts';
import { readState } from '../executions/lock.ts';
import { recordForecast } from '../executions/requests.ts';
import { GITHUB_SETTINGS, gitHubConnector } from '../github/connect.ts';
import { affordableShare, forecastRun } from '../github/forecast.ts';
import type { GitHub, GitHubContext } from '../github/github.ts';
import { type BankListing, listRepositories } from '../github/list-repositories.ts';
import { readQuota } from '../github/quota.ts';
import { detailsOf } from '../github/responses.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Forecast, RequestCounts } from '../shared/contract/requests.ts';
import type { ListItemBankIdsResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import { deferralOf } from '../shared/deferral.ts';
import { SyncError } from '../shared/errors.ts';
import { entryPoint } from '../shared/middleware.ts';
import { findListedRun, readLeftWork } from '../synchronization/left-work.ts';
import { forecastSentence } from '../synchronization/request-sentences.ts';
import * as runLog from '../synchronization/run-log.ts';
import { runStep, type Step, type StepDependencies } from '../synchronization/run-step.ts';
import { reportFailedDeliveries } from '../webhooks/failed-deliveries.ts';
import { CLASSES, classesFor, classOf } from '../webhooks/rotation.ts';

export type ListDependencies = StepDependencies & {
  organization: string;
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  webhookScope: WebhookScope;
  /** Whether GitHub is asked to send failed deliveries of the last day again. */
  redeliverFailedDeliveries: boolean;
};

type Work = Pick<ListItemBankIdsResult, 'batches' | 'workers'>;

/** Lists the item bank ids and divides them into batches. A repeated invocation uses what the first one wrote. */
export function listItemBankIds(
  dependencies: ListDependencies,
  event: WorkflowEvent,
): Promise<ListItemBankIdsResult> {
  const { executionsTable, log } = dependencies;
  return runStep(dependencies, event, {
    stopped: NO_WORK,
    work: async (step) => {
      const known = await readListing(executionsTable, event.jobExecutionId);
      if (known) {
        runLog.alreadyListed(log, known.total, step.options);
        return workOf(known);
      }
      const { restartOf } = step.options;
      try {
        return workOf(
          await (restartOf === undefined
            ? listNow(dependencies, step)
            : listAgain(dependencies, step, restartOf)),
        );
      } catch (error) {
        return { ...NO_WORK, deferral: deferralOf(error) };
      }
    },
    onDeadline: async (_step, deferral) => {
      const details = detailsOf(deferral);
      if (deferral.kind === 'outage') {
        const message = `GitHub did not answer before the deadline: ${deferral.message}`;
        throw new SyncError('GitHubUnavailable', message, { details });
      }
      const message = `GitHub asks to wait beyond the deadline: ${deferral.message}`;
      throw new SyncError('GitHubRateLimited', message, { details });
    },
  });
}

const NO_WORK: Work = { batches: [], workers: 1 };

const workOf = ({ batches, maxWorkers }: Listing): Work => ({
  batches,
  workers: workersFor(batches.length, maxWorkers),
});

async function listNow(dependencies: ListDependencies, step: Step): Promise<Listing> {
  const { log, now, random, organization, ignored, webhookScope: scope } = dependencies;
  const { dryRun } = step.options;
  runLog.listing(log, step.options);
  const startedAt = now().getTime();
  const [{ github }, memory] = await Promise.all([
    step.connect(),
    readBankMemory(dependencies.executionsTable),
  ]);
  const context: GitHubContext = { github, organization, now, random };
  const { pages: knownPages } = memory;
  const { unreadable, pages, ...bank } = await listRepositories({ ...context, ignored, knownPages });
  const seconds = Math.round((now().getTime() - startedAt) / 1_000);
  if (scope !== 'repository') await reportFailedDeliveries(dependencies, context, { scope, dryRun });
  const plan = await planRun(dependencies, step, { context, bank, memory });
  if (bank.complete) {
    // A dry run has removed nothing, so that the number of items that deliveries may remove stays as it is.
    const repositories = dryRun ? memory.repositories : bank.repositories.length;
    const isNew = pages !== knownPages || repositories !== memory.repositories;
    if (isNew) await rememberOfBank(dependencies.executionsTable, { pages, repositories });
  }
  const listing = await storeListing(dependencies, step, { bank, plan, seconds });
  if (!bank.complete) {
    log.warn(`incomplete listing: found ${bank.found} of ${bank.announced} repositories`);
  }
  if (unreadable.length > 0) {
    log.warn(
      `${unreadable.length} repositories of the listing cannot be read, the first is ${unreadable[0]}`,
    );
  }
  return listing;
}

/** Reads what another run left, instead of listing the bank. */
async function listAgain(
  dependencies: ListDependencies,
  step: Step,
  restartOf: JobExecutionId,
): Promise<Listing> {
  const { log, now, random, organization, ignored, executionsTable } = dependencies;
  runLog.listing(log, step.options);
  const startedAt = now().getTime();
  const former = await findListedRun(executionsTable, await requireExecution(executionsTable, restartOf));
  if (!former) throw new SyncError('RowMissing', `job execution ${restartOf} has no listing`);
  const left = await readLeftWork(executionsTable, former);
  const repositories = left.filter(({ repositoryName }) => !ignored.has(repositoryName));
  const seconds = Math.round((now().getTime() - startedAt) / 1_000);
  const [{ github }, memory] = await Promise.all([step.connect(), readBankMemory(executionsTable)]);
  const context: GitHubContext = { github, organization, now, random };
  // Not `complete`: items must not be removed because they are missing here.
  const bank = { repositories, announced: left.length, found: left.length, complete: false };
  // The same classes of webhooks as in the other run, so that the rotation does not skip what that run left of them.
  const { webhookClasses = classesFor(1, 0) } = former.listing;
  const plan = await planRun(dependencies, step, { context, bank, memory, webhookClasses });
  return storeListing(dependencies, step, { bank, plan, seconds });
}

type ListedBank = Omit<BankListing, 'unreadable' | 'pages'>;

/** What is decided before the batches begin. */
interface RunPlan {
  forecast: Forecast;
  webhookClasses: number[];
  querySize: number;
  maxWorkers: number;
  /** GraphQL queries that the listing has used. */
  queriesSpent: number;
}

interface PlannedRun {
  context: GitHubContext;
  bank: ListedBank;
  memory: BankMemory;
  /** The classes of repositories whose webhooks are checked. By default, as many as the quota allows. */
  webhookClasses?: number[];
}

async function planRun(dependencies: ListDependencies, step: Step, run: PlannedRun): Promise<RunPlan> {
  const spent = step.unrecorded();
  const { forecast, webhookClasses } = await forecastFor(dependencies, { ...run, spent });
  // The listing is written last: a repeated invocation that finds it does nothing else.
  await recordForecast(dependencies, step.jobExecutionId, forecast);
  const { querySize = BATCH_SIZE } = run.memory;
  const maxWorkers = maxWorkersOf(run.context.github);
  return { forecast, webhookClasses, querySize, maxWorkers, queriesSpent: spent.queries };
}

async function storeListing(
  dependencies: ListDependencies,
  { jobExecutionId, options }: Step,
  { bank, plan, seconds }: { bank: ListedBank; plan: RunPlan; seconds: number },
): Promise<Listing> {
  const { log } = dependencies;
  const { forecast, webhookClasses, querySize, maxWorkers, queriesSpent } = plan;
  const listing = await writeListing(dependencies, jobExecutionId, {
    ...bank,
    querySize,
    maxWorkers,
    ...(forecast.webhookShare < 1 && { webhookClasses }),
  });
  runLog.listed(log, listing.total, { seconds, options });
  const queries = forecast.requests.queries - queriesSpent;
  log.info(forecastSentence(forecast, { queries }), { forecast });
  return listing;
}

const maxWorkersOf = ({ limits }: GitHub): number =>
  limits === 'off' ? MAX_WORKERS.unlimited : MAX_WORKERS.limited;

async function forecastFor(
  { executionsTable, webhookScope, now }: ListDependencies,
  { context, bank: { repositories }, memory, spent, ...run }: PlannedRun & { spent: RequestCounts },
): Promise<{ forecast: Forecast; webhookClasses: number[] }> {
  const [quota, { completedRuns = 0 }] = await Promise.all([readQuota(context), readState(executionsTable)]);
  const allowance = { limits: context.github.limits, quota, now: now() };
  // Webhooks of archived repositories are not checked, because they cannot be changed.
  const checkable = webhookScope === 'repository' ? repositories.filter(({ archived }) => !archived) : [];
  const { webhookClasses = classesFor(affordableShare(checkable.length, allowance), completedRuns) } = run;
  const checked = checkable.filter(({ itemBankId }) => webhookClasses.includes(classOf(itemBankId)));
  const maxWorkers = maxWorkersOf(context.github);
  const batches = repositories.length === 0 ? 0 : batchesFor(repositories.length, maxWorkers);
  const size = {
    batches,
    batchSize: Math.ceil(repositories.length / Math.max(1, batches)),
    querySize: memory.querySize ?? BATCH_SIZE,
    msPerQuery: memory.msPerQuery,
    workers: workersFor(batches, maxWorkers),
    webhookChecks: webhookScope === 'repository' ? checked.length : 1,
    webhookShare: webhookClasses.length / CLASSES,
    listing: spent,
  };
  return { forecast: forecastRun(size, allowance), webhookClasses };
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [
    'jobExecutionsTable',
    ...GITHUB_SETTINGS,
    'webhookScope',
    'redeliverFailedDeliveries',
    'ignoredRepositories',
  ]);
  const executionsTable = createTable(config.jobExecutionsTable);
  return {
    executionsTable,
    organization: config.githubOrganization,
    webhookScope: config.webhookScope,
    redeliverFailedDeliveries: config.redeliverFailedDeliveries,
    ignored: config.ignoredRepositories,
    connect: gitHubConnector(config, { sharedWaits: sharedWaits(executionsTable) }),
  };
}, listItemBankIds);
