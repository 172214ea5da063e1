import type { WebhookScope, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import type { WebhookRequest } from '../../item-bank/webhooks.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub, GitHubAccess } from '../../runtime/github-access.ts';
import { type MirrorDependencies, openMirror } from '../../synchronization/mirror.ts';
import type { Pause } from '../../synchronization/pause.ts';
import { synchronizeRepositories } from '../../synchronization/synchronize-repositories.ts';
import type { WebhookLooks } from '../../synchronization/webhook-turns.ts';
import type { ItemResult, ListedRepository, RunOptions } from '../../vocabulary.ts';
import { outOfTime } from './deferral.ts';
import * as story from './story.ts';

/** What the steps that settle items have at hand. `table` holds the records of executions, `items` the mirror. */
export type ItemDependencies = Invocation &
  Omit<WebhookRequest, keyof GitHubAccess> &
  Pick<MirrorDependencies, 'items' | 'publish'> & {
    table: Table;
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
      request: { ...dependencies, ...access, stop },
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
export function deferredResult({ itemBankId, name }: ListedRepository): ItemResult {
  return {
    itemBankId,
    repository: name,
    outcome: 'deferred',
    webhookFound: 'unchecked',
    reason: 'DEADLINE',
    message: 'the run had no more time: the next one meets it',
    durationMs: 0,
  };
}
