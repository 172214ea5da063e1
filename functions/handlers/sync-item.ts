import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ItemResult } from '../executions/item-result.ts';
import type { ConnectToGitHub, GitHubAccess } from '../github/connect.ts';
import { findRepository } from '../github/find-repository.ts';
import { detailsOf, withRequestId } from '../github/responses.ts';
import { type MirrorDependencies, openMirror } from '../mirror/mirror.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { SyncItemAnswer } from '../shared/contract/routes.ts';
import { type Deferral, DeferredError } from '../shared/deferral.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, parseItemBankId, problemResponses, RETRY_AFTER } from '../shared/http.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import { withinTime } from '../shared/within-time.ts';
import { synchronizeRepositories } from '../synchronization/synchronize-repositories.ts';
import type { WebhookRequest } from '../webhooks/webhooks.ts';
import { syncItemDependencies } from './dependencies.ts';

export type SyncItemDependencies = Invocation &
  Omit<WebhookRequest, keyof GitHubAccess> &
  MirrorDependencies & {
    connect: ConnectToGitHub;
    /** Names of repositories that hold no item. */
    ignored: ReadonlySet<string>;
    dryRunOnly: boolean;
    webhookScope: WebhookScope;
  };

/** Synchronizes one item now, whether or not a run is under way. It removes nothing: that takes a complete listing. */
export async function syncItem(
  dependencies: SyncItemDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log, now, dryRunOnly } = dependencies;
  const id = parseItemBankId(event);
  const result = await withinTime(dependencies, synchronizeNow(dependencies, id)).catch((error: unknown) => {
    throw error instanceof DeferredError ? askedToWait(error.deferral, now()) : error;
  });
  log.info(`item bank id ${id} (${result.repositoryName}): ${result.outcome}`, { item: result });
  return jsonAnswer(200, answerOf(result, dryRunOnly));
}

// A request takes 11 s at most, with its second attempt. Where less is left, a query that got no answer is not made again,
// and nothing more is begun once the head is read.
const TIME_TO_ANSWER_MS = 12_000;
const TOO_LATE = 'no time is left for more requests';

/** @throws DeferredError; SyncError `ItemBankIdUnknown`, `GitHubRefused`, `GitHubUnavailable`, `GitHubCredentialsRejected`. */
async function synchronizeNow(dependencies: SyncItemDependencies, id: ItemBankId): Promise<ItemResult> {
  const access = await dependencies.connect();
  const stop = () =>
    dependencies.remainingTimeMs() > TIME_TO_ANSWER_MS
      ? undefined
      : { resumeAt: dependencies.now(), why: TOO_LATE };
  const request = {
    ...dependencies,
    ...access,
    stop: (): Deferral | undefined => {
      const pause = stop();
      return pause && { kind: 'out-of-time', resumeAt: pause.resumeAt, message: pause.why };
    },
  };
  const repository = await findInBank(request, id);
  const mirror = openMirror(dependencies, { dryRun: dependencies.dryRunOnly });
  const { results, pause } = await synchronizeRepositories(
    {
      request,
      mirror,
      inFlight: 1,
      webhookLooks: dependencies.webhookScope === 'organization' ? 'none' : 'all',
      stop,
    },
    [repository],
  );
  const [result] = results;
  if (result) return result;
  if (!pause) throw new Error('a synchronization without a pause has a result');
  if (pause.why.endsWith(TOO_LATE)) throw new SyncError('GitHubUnavailable', pause.why);
  throw new DeferredError({ kind: 'rate-limited', message: pause.why, ...pause });
}

async function findInBank(
  request: WebhookRequest & Pick<SyncItemDependencies, 'ignored'>,
  id: ItemBankId,
): Promise<ListedRepository> {
  const found = await findRepository(request, id);
  switch (found.kind) {
    case 'in-bank':
      if (!request.ignored.has(found.repository.repositoryName)) return found.repository;
      throw new SyncError('ItemBankIdUnknown', `the repository of item bank id ${id} is on the ignore list`);
    case 'gone':
    case 'transferred':
      throw new SyncError(
        'ItemBankIdUnknown',
        `${request.organization} has no repository with the item bank id ${id}. What the mirror has of it goes with the next full run`,
      );
    case 'failed':
      throw troubleWith(id, found.failure);
  }
}

function troubleWith(id: ItemBankId, trouble: Failure): SyncError {
  const message = `item bank id ${id}: ${withRequestId(trouble)}`;
  const details = detailsOf(trouble);
  if (trouble.reason === 'FORBIDDEN') return new SyncError('GitHubRefused', message, { details });
  return new SyncError('GitHubUnavailable', message, { details });
}

function askedToWait(limit: Deferral, now: Date): SyncError {
  const seconds = Math.max(1, Math.ceil((limit.resumeAt.getTime() - now.getTime()) / 1_000));
  return new SyncError('GitHubRateLimited', limit.message, {
    details: { [RETRY_AFTER]: seconds, ...detailsOf(limit) },
  });
}

function answerOf(
  { itemBankId, repositoryName: repository, outcome, webhookFound, ...result }: ItemResult,
  dryRun: boolean,
): SyncItemAnswer {
  const { reason, message, githubRequestId } = result;
  return {
    itemBankId,
    repository,
    outcome,
    webhook: webhookFound,
    dryRun,
    ...(reason && { reason }),
    ...(message && { message }),
    ...(githubRequestId && { githubRequestId }),
  };
}

export const handler = entryPoint(syncItemDependencies, syncItem).use(problemResponses);
