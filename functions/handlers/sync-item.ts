import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { sharedWaits } from '../executions/github-waits.ts';
import type { ItemResult } from '../executions/item-result.ts';
import { type ConnectToGitHub, GITHUB_SETTINGS, gitHubConnector } from '../github/connect.ts';
import { findRepository } from '../github/find-repository.ts';
import { metered } from '../github/metering.ts';
import { detailsOf, withRequestId } from '../github/responses.ts';
import { normalizeId } from '../mirror/json-values.ts';
import { type MirrorDependencies, openMirror } from '../mirror/mirror.ts';
import { isTombstone } from '../mirror/mirror-rows.ts';
import { createPublisher } from '../mirror/publish.ts';
import { findItems } from '../mirror/read-mirror.ts';
import { createEventBridge, createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { SyncItemAnswer } from '../shared/contract/routes.ts';
import { type Deferral, DeferredError } from '../shared/deferral.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, parseItemBankId, problemResponses, RETRY_AFTER } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { remarksOn } from '../synchronization/run-log.ts';
import { synchronizeItems } from '../synchronization/synchronize-items.ts';
import { type WebhookContext, webhookContext } from '../webhooks/check-webhook.ts';

export interface SyncItemDependencies extends Invocation, Pick<MirrorDependencies, 'itemsTable' | 'publish'> {
  connect: ConnectToGitHub;
  organization: string;
  projectWebhookUrl: string;
  webhookScope: WebhookScope;
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  dryRunOnly: boolean;
}

/**
 * `POST /sync/{itemBankId}` and `POST /sync/items/{itemId}`: synchronizes one item now, also while a run is in
 * progress. It removes nothing, because removal takes a complete listing.
 * @throws SyncError `RequestInvalid`, `ItemNotFound`, `ItemIdAmbiguous`, `ItemBankIdUnknown`, `GitHubRateLimited`,
 * `GitHubRefused`, `GitHubUnavailable`, `GitHubCredentialsRejected`.
 */
export async function syncItem(
  dependencies: SyncItemDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log, now, dryRunOnly } = dependencies;
  const itemId = event.pathParameters?.['itemId'];
  const id = itemId === undefined ? parseItemBankId(event) : await findByItemId(dependencies, itemId);
  const { connect, shareWaits } = metered(dependencies.connect);
  const result = await synchronizeNow({ ...dependencies, connect }, id)
    .catch((error: unknown) => {
      throw error instanceof DeferredError ? errorFor(error.deferral, now()) : error;
    })
    .finally(() => shareWaits(dependencies));
  const remarks = remarksOn(result);
  const line = [`item bank id ${id} (${result.repositoryName}): ${result.outcome}`, ...remarks].join('. ');
  log[remarks.length > 0 ? 'warn' : 'info'](line, { item: result });
  const { itemBankId, repositoryName, outcome, webhookFound, reason, message, githubRequestId } = result;
  const answer: SyncItemAnswer = {
    itemBankId,
    repository: repositoryName,
    outcome,
    webhook: webhookFound,
    dryRun: dryRunOnly,
    ...(reason && { reason }),
    ...(message && { message }),
    ...(githubRequestId && { githubRequestId }),
  };
  return jsonAnswer(200, answer);
}

// Longer ones are not mirrored, and DynamoDB does not accept keys of more than 2,048 bytes.
const ITEM_ID = /^\d{1,500}$/;
const MAX_NAMED_IDS = 20;

/** Looks up an item in the mirror. The index is updated with a delay, so that a new item may not be found yet. */
async function findByItemId(
  { itemsTable }: Pick<SyncItemDependencies, 'itemsTable'>,
  text: string,
): Promise<ItemBankId> {
  const itemId = ITEM_ID.test(text) ? normalizeId(text) : undefined;
  if (itemId === undefined) throw new SyncError('RequestInvalid', 'an item id has 1 to 500 digits');
  const ids: ItemBankId[] = [];
  for await (const row of findItems(itemsTable, { itemId })) {
    if (!isTombstone(row)) ids.push(row.itemBankId);
    if (ids.length === MAX_NAMED_IDS) break;
  }
  const [id, ...others] = ids;
  if (id === undefined)
    throw new SyncError('ItemNotFound', `the mirror has no item with the item id ${itemId}`);
  if (others.length === 0) return id;
  const message = `several repositories have the item id ${itemId}: synchronize one by its item bank id`;
  throw new SyncError('ItemIdAmbiguous', message, { details: { itemBankIds: ids } });
}

// A request takes at most 16 s: two attempts, and the question whether GitHub is up. If the second attempt succeeds, 5
// s are left to read the head of a written item again. With less time left, nothing new begins once the head is read,
// and a query that got no answer is not repeated.
const TIME_TO_ANSWER_MS = 17_000;

async function synchronizeNow(dependencies: SyncItemDependencies, id: ItemBankId): Promise<ItemResult> {
  const { webhookScope, now, remainingTimeMs } = dependencies;
  const stop = (): Deferral | undefined => {
    if (remainingTimeMs() > TIME_TO_ANSWER_MS) return undefined;
    return { kind: 'out-of-time', resumeAt: now(), message: 'no time is left for more requests' };
  };
  const context = { ...webhookContext(await dependencies.connect(), dependencies), stop };
  const repository = await findInBank(context, dependencies, id);
  const { results, deferral } = await synchronizeItems(
    {
      github: context,
      mirror: openMirror(dependencies, { dryRun: dependencies.dryRunOnly, cause: 'request' }),
      concurrency: 1,
      webhookChecks: webhookScope === 'repository' ? 'all' : 'none',
      stop,
    },
    [repository],
  );
  const [result] = results;
  if (result) return result;
  if (!deferral) throw new Error('a synchronization that is not deferred has a result');
  throw new DeferredError(deferral);
}

async function findInBank(
  context: WebhookContext,
  { ignored, organization }: Pick<SyncItemDependencies, 'ignored' | 'organization'>,
  id: ItemBankId,
): Promise<ListedRepository> {
  const found = await findRepository(context, id);
  switch (found.kind) {
    case 'in-bank':
      if (!ignored.has(found.repository.repositoryName)) return found.repository;
      throw new SyncError('ItemBankIdUnknown', `the repository of item bank id ${id} is on the ignore list`);
    case 'gone':
    case 'transferred':
      throw new SyncError(
        'ItemBankIdUnknown',
        `${organization} has no repository with the item bank id ${id}; the next full run removes its item from the mirror`,
      );
    case 'failed': {
      const { failure } = found;
      const message = `item bank id ${id}: ${withRequestId(failure)}`;
      const details = detailsOf(failure);
      if (failure.reason === 'FORBIDDEN') throw new SyncError('GitHubRefused', message, { details });
      throw new SyncError('GitHubUnavailable', message, { details });
    }
  }
}

function errorFor(deferral: Deferral, now: Date): SyncError {
  const { kind, resumeAt, message } = deferral;
  const seconds = Math.max(1, Math.ceil((resumeAt.getTime() - now.getTime()) / 1_000));
  const details = { [RETRY_AFTER]: seconds, ...detailsOf(deferral) };
  switch (kind) {
    case 'rate-limited':
      return new SyncError('GitHubRateLimited', message, { details });
    case 'outage':
      return new SyncError('GitHubUnavailable', message, { details });
    case 'out-of-time':
    case 'deadline':
      return new SyncError('GitHubUnavailable', message);
  }
}

// The caller waits at most 28 s. One request may take 5 s, a pause of 1 s, and 5 s again, and several follow each
// other.
const PATIENCE = { requestTimeoutMs: 5_000, retries: 1 };

export const handler = entryPoint(
  (env: Environment) => {
    const config = readConfig(env, [
      'jobExecutionsTable',
      'itemsTable',
      'changeEventBus',
      ...GITHUB_SETTINGS,
      'webhookScope',
      'projectWebhookUrl',
      'ignoredRepositories',
      'dryRunOnly',
    ]);
    return {
      itemsTable: createTable(config.itemsTable),
      publish: createPublisher({ client: createEventBridge(), bus: config.changeEventBus }),
      connect: gitHubConnector(config, {
        ...PATIENCE,
        sharedWaits: sharedWaits(createTable(config.jobExecutionsTable)),
      }),
      organization: config.githubOrganization,
      projectWebhookUrl: config.projectWebhookUrl,
      webhookScope: config.webhookScope,
      ignored: config.ignoredRepositories,
      dryRunOnly: config.dryRunOnly,
    };
  },
  syncItem,
  {
    // Lambda would end the invocation without an answer. What was sent to GitHub is carried out nevertheless.
    timeoutEarlyInMillis: 1_000,
    onTimeout: () => {
      throw new SyncError('GitHubUnavailable', 'GitHub did not answer in the time that was left');
    },
  },
).use(problemResponses);
