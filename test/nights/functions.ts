import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findEndingBy } from '../../functions/executions/liveness.ts';
import { createGitHub } from '../../functions/github/github.ts';
import { PUBLISHED_LIMITS } from '../../functions/github/limits.ts';
import { beginExecution } from '../../functions/handlers/begin-execution.ts';
import { closeExecution } from '../../functions/handlers/close-execution.ts';
import { completeExecution } from '../../functions/handlers/complete-execution.ts';
import { createWebhooks } from '../../functions/handlers/create-webhooks.ts';
import { failBatch } from '../../functions/handlers/fail-batch.ts';
import { failExecution } from '../../functions/handlers/fail-execution.ts';
import { listItemBankIds } from '../../functions/handlers/list-item-bank-ids.ts';
import { removeDeletedItems } from '../../functions/handlers/remove-deleted-items.ts';
import { startScheduledSync } from '../../functions/handlers/start-scheduled-sync.ts';
import { startSync } from '../../functions/handlers/start-sync.ts';
import { syncItem } from '../../functions/handlers/sync-item.ts';
import { synchronizeBatch } from '../../functions/handlers/synchronize-batch.ts';
import { createPublisher } from '../../functions/mirror/publish.ts';
import type { FunctionName } from '../../functions/shared/contract/functions.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import { problemResponses } from '../../functions/shared/http.ts';
import { logger } from '../../functions/shared/logger.ts';
import { entryPoint, type Invocation } from '../../functions/shared/middleware.ts';
import { type Bank, ORGANIZATION, PROJECT_WEBHOOK_URL, TOKEN, WEBHOOK_SECRET } from '../support/bank.ts';
import { documentClient, WITHOUT_SIGNING } from '../support/dynamodb.ts';
import type { Tables } from '../support/run.ts';
import type { EventBus } from './event-bus.ts';
import type { Handler } from './lambda.ts';
import type { Script } from './script.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { StepFunctions } from './step-functions.ts';
import { CLIENT, tableHandler } from './wire.ts';

/** What the functions of the product work with. */
export interface Surroundings {
  time: SimulatedTime;
  script: Script;
  bank: Bank;
  /** Of the engine. The functions reach the same tables over a wire on which incidents happen. */
  tables: Tables;
  eventBus: EventBus;
  limits: 'published' | 'off';
  stateMachineArn: string;
  stepFunctions: () => StepFunctions;
}

/** Patience of `POST /sync/{itemBankId}`, whose caller waits. */
const HURRIED = { requestTimeoutMs: 5_000, retries: 1 };

/** Starts an execution environment of each function, with clients of its own, as Lambda does. */
export function startersOf(surroundings: Surroundings): Partial<Record<FunctionName, () => Handler>> {
  const { time, eventBus, stateMachineArn } = surroundings;
  const executions = () => ({ executionsTable: reach(surroundings, surroundings.tables.executionsTable) });
  const items = () => ({ itemsTable: reach(surroundings, surroundings.tables.itemsTable) });
  const publish = () => ({ publish: createPublisher({ client: eventBus.newClient(), bus: 'nights' }) });
  const gitHub = () => ({ ...BANK, connect: connector(surroundings) });
  const starting = () => ({
    ...executions(),
    stepFunctions: surroundings.stepFunctions().newClient(),
    stateMachineArn,
    dryRunOnly: false,
    newToken: () => String(time.random.integer(100_000, 999_999)),
  });
  const ending = () => ({
    ...executions(),
    ...publish(),
    notify: async () => {},
    emitMetrics: () => {},
  });
  const synchronizing = () => ({ ...executions(), ...items(), ...publish(), ...gitHub() });
  return {
    'start-sync': () => entryPoint(() => ({ ...ending(), ...starting() }), startSync).use(problemResponses),
    'start-scheduled-sync': () => entryPoint(() => ({ ...ending(), ...starting() }), startScheduledSync),
    'begin-execution': () =>
      entryPoint(
        () => ({ ...ending(), ...starting(), runDeadlineHours: 6 }),
        (
          dependencies: ReturnType<typeof starting> &
            ReturnType<typeof ending> &
            Invocation & { runDeadlineHours: number },
          event: never,
        ) => {
          const findEnding = findEndingBy(dependencies.stepFunctions, dependencies.now);
          return beginExecution({ ...dependencies, findEnding }, event);
        },
      ),
    'list-item-bank-ids': () =>
      entryPoint(() => ({ ...executions(), ...gitHub(), redeliverFailedDeliveries: false }), listItemBankIds),
    'synchronize-batch': () =>
      entryPoint(() => ({ ...synchronizing(), deliveriesMayBePending: async () => true }), synchronizeBatch),
    'fail-batch': () => entryPoint(() => ({ ...executions(), ...items() }), failBatch),
    'create-webhooks': () => entryPoint(synchronizing, createWebhooks),
    'remove-deleted-items': () =>
      entryPoint(() => ({ ...synchronizing(), removalEnabled: true, limitPercent: 10 }), removeDeletedItems),
    'complete-execution': () => entryPoint(() => ({ ...ending(), ...items() }), completeExecution),
    'fail-execution': () => entryPoint(ending, failExecution),
    'close-execution': () => entryPoint(ending, closeExecution),
    'sync-item': () =>
      entryPoint(
        () => ({
          ...items(),
          ...publish(),
          ...gitHub(),
          connect: connector(surroundings, HURRIED),
          dryRunOnly: false,
        }),
        syncItem,
      ).use(problemResponses),
  };
}

const BANK = {
  organization: ORGANIZATION,
  projectWebhookUrl: PROJECT_WEBHOOK_URL,
  webhookScope: 'repository' as const,
  ignored: new Set<string>(),
};

/** The same table over a wire on which incidents happen. */
function reach({ time, script }: Surroundings, { name, client }: Table): Table {
  const { requestHandler, endpoint } = client.config;
  const reached = new DynamoDBClient({
    ...CLIENT,
    ...(endpoint && { endpoint }),
    httpAuthSchemes: WITHOUT_SIGNING,
    requestHandler: tableHandler({ time, script }, requestHandler),
  });
  return { name, client: documentClient(reached) };
}

/** As `gitHubConnector` does, without Secrets Manager: one client for each number of workers. */
function connector({ bank, limits }: Surroundings, patience = {}) {
  const clients = new Map<number, ReturnType<typeof createGitHub>>();
  return async (workers = 1) => {
    const github =
      clients.get(workers) ??
      createGitHub({
        ...{ apiUrl: bank.site.url, token: TOKEN, workers, log: logger, ...patience },
        limits: limits === 'published' ? PUBLISHED_LIMITS : 'off',
      });
    clients.set(workers, github);
    return { github, webhookSecret: WEBHOOK_SECRET };
  };
}
