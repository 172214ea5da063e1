import { sharedWaits } from '../executions/github-waits.ts';
import type { ItemResult } from '../executions/item-result.ts';
import {
  type ConnectToGitHub,
  GITHUB_SETTINGS,
  gitHubConnector,
  type QueryStart,
} from '../github/connect.ts';
import { type MirrorDependencies, openMirror } from '../mirror/mirror.ts';
import { createPublisher } from '../mirror/publish.ts';
import { createEventBridge, createTable } from '../shared/clients.ts';
import type { Config } from '../shared/config.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';
import { webhookContext } from '../webhooks/check-webhook.ts';
import * as runLog from './run-log.ts';
import type { Step } from './run-step.ts';
import type { SynchronizationContext } from './synchronization.ts';
import { synchronizeItems } from './synchronize-items.ts';

/** What the steps of a run that synchronize items need. */
export interface ItemStepDependencies extends Invocation, Pick<MirrorDependencies, 'itemsTable' | 'publish'> {
  executionsTable: Table;
  connect: ConnectToGitHub;
  organization: string;
  projectWebhookUrl: string;
  webhookScope: WebhookScope;
}

export const ITEM_STEP_SETTINGS = [
  'jobExecutionsTable',
  'itemsTable',
  'changeEventBus',
  ...GITHUB_SETTINGS,
  'webhookScope',
  'projectWebhookUrl',
] as const;

export function itemStepDependencies(
  config: Config<(typeof ITEM_STEP_SETTINGS)[number]>,
): Omit<ItemStepDependencies, keyof Invocation> {
  const executionsTable = createTable(config.jobExecutionsTable);
  return {
    executionsTable,
    itemsTable: createTable(config.itemsTable),
    publish: createPublisher({ client: createEventBridge(), bus: config.changeEventBus }),
    connect: gitHubConnector(config, { sharedWaits: sharedWaits(executionsTable) }),
    organization: config.githubOrganization,
    projectWebhookUrl: config.projectWebhookUrl,
    webhookScope: config.webhookScope,
  };
}

/** REST requests for single repositories that one worker has in flight. */
export const REQUESTS_PER_WORKER = 9;

export interface RunItems
  extends Pick<SynchronizationContext, 'concurrency' | 'webhookChecks' | 'deliveries'> {
  repositories: readonly ListedRepository[];
  /** How many workers share GitHub's limits. */
  workers: number;
  queryStart?: QueryStart;
}

export interface SynchronizedRunItems {
  results: ItemResult[];
  deferral: Deferral | undefined;
  /** Repositories in the next query, if this changed. */
  newQuerySize?: number | undefined;
}

/** Synchronizes items for a run, within the time that the invocation and the run have left, and logs each outcome. */
export async function synchronizeRunItems(
  dependencies: ItemStepDependencies,
  { connect, stop, options, jobExecutionId }: Step,
  { repositories, workers, concurrency, webhookChecks, deliveries, queryStart }: RunItems,
): Promise<SynchronizedRunItems> {
  if (repositories.length === 0) return { results: [], deferral: undefined };
  const { log, webhookScope } = dependencies;
  const access = await connect(workers, queryStart);
  const { github } = access;
  const querySize = github.querySizes.heads.current();
  const context: SynchronizationContext = {
    github: { ...webhookContext(access, dependencies), stop },
    mirror: openMirror(dependencies, { dryRun: options.dryRun, cause: 'run', jobExecutionId }),
    concurrency,
    namesAreOld: options.restartOf !== undefined,
    // A webhook of the organization or of the App takes the place of all others.
    webhookChecks: webhookScope === 'repository' ? webhookChecks : 'none',
    ...(deliveries && { deliveries }),
    stop,
  };
  const { results, deferral } = await synchronizeItems(context, repositories);
  for (const result of results) runLog.itemSynchronized(log, result);
  const newQuerySize = github.querySizes.heads.current();
  return { results, deferral, ...(newQuerySize !== querySize && { newQuerySize }) };
}
