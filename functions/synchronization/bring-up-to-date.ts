import type { ItemResult } from '../executions/item-result.ts';
import type { ConnectToGitHub, GitHubAccess } from '../github/connect.ts';
import { type MirrorDependencies, openMirror } from '../mirror/mirror.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';
import type { WebhookLooks } from '../webhooks/rotation.ts';
import type { WebhookRequest } from '../webhooks/webhooks.ts';
import { outOfTime } from './deferral.ts';
import type { Pause } from './pause.ts';
import * as story from './run-log.ts';
import { synchronizeRepositories } from './synchronize-repositories.ts';

/** What the steps that settle items have at hand. `table` holds the records of executions, `items` the mirror. */
export type ItemDependencies = Invocation &
  Omit<WebhookRequest, keyof GitHubAccess> &
  Pick<MirrorDependencies, 'itemsTable' | 'publish'> & {
    executionsTable: Table;
    connect: ConnectToGitHub;
    webhookScope: WebhookScope;
  };

/** Requests for single repositories that one function has under way. */
export const MOST_PER_WORKER = 9;

export interface SettledItems {
  results: ItemResult[];
  /** Why some were not settled. */
  pause: Pause | undefined;
}

/** What is to be settled, and as which of the workers that share GitHub's limits. */
export interface Assignment {
  repositories: readonly ListedRepository[];
  workers: number;
  inFlight: number;
  webhookLooks: WebhookLooks;
}

/** Settles items within the time that the invocation and the run have left, and logs what became of each. */
export async function bringUpToDate(
  dependencies: ItemDependencies,
  { jobExecutionId, deadline, dryRun }: WorkflowEvent & Pick<RunOptions, 'dryRun'>,
  { repositories, workers, webhookLooks, ...share }: Assignment,
): Promise<SettledItems> {
  if (repositories.length === 0) return { results: [], pause: undefined };
  const { log, connect } = dependencies;
  const access = await connect(workers);
  const stop = () => outOfTime(dependencies, deadline);
  const settled = await synchronizeRepositories(
    {
      request: {
        ...dependencies,
        ...access,
        stop: () => {
          const pause = stop();
          return pause && { kind: 'out-of-time', resumeAt: pause.resumeAt, message: pause.why };
        },
      },
      mirror: openMirror(dependencies, { dryRun, jobExecutionId }),
      ...share,
      webhookLooks: looksWithin(dependencies, webhookLooks),
      stop,
    },
    repositories,
  );
  for (const result of settled.results) story.settled(log, result);
  return settled;
}

/** With a webhook of the organization, those of repositories are of no interest. */
function looksWithin(
  { webhookScope }: Pick<ItemDependencies, 'webhookScope'>,
  looks: WebhookLooks,
): WebhookLooks {
  return webhookScope === 'organization' ? 'none' : looks;
}

/** The result of an id that the run has no more time for. */
export function deferredResult({ itemBankId, repositoryName: name }: ListedRepository): ItemResult {
  return {
    itemBankId,
    repositoryName: name,
    outcome: 'deferred',
    webhookFound: 'unchecked',
    reason: 'DEADLINE',
    message: 'the run had no more time: the next one meets it',
    durationMs: 0,
  };
}
