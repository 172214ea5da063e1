import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { SyncItemAnswer } from '../../contract.ts';
import { SyncError } from '../../errors.ts';
import { findRepository } from '../../item-bank/find-repository.ts';
import { RateLimited } from '../../item-bank/github-answers.ts';
import type { WebhookRequest } from '../../item-bank/webhooks.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { ConnectToGitHub } from '../../runtime/github-access.ts';
import { jsonAnswer, parseItemBankId, RETRY_AFTER } from '../../runtime/http.ts';
import { type MirrorDependencies, openMirror } from '../../synchronization/mirror.ts';
import { synchronizeRepositories } from '../../synchronization/synchronize-repositories.ts';
import type { ItemBankId, ItemResult, ListedRepository } from '../../vocabulary.ts';

export type SyncItemDependencies = Invocation &
  Omit<WebhookRequest, 'github'> &
  MirrorDependencies & {
    connect: ConnectToGitHub;
    /** Names of repositories that hold no item. */
    ignored: ReadonlySet<string>;
    dryRunOnly: boolean;
  };

/** Synchronizes one item now, whether or not a run is under way. It removes nothing: that takes a complete listing. */
export async function syncItem(
  dependencies: SyncItemDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log, now, dryRunOnly } = dependencies;
  const id = parseItemBankId(event);
  const result = await synchronizeNow(dependencies, id).catch((error: unknown) => {
    throw error instanceof RateLimited ? askedToWait(error, now()) : error;
  });
  log.info(`item bank id ${id} (${result.repository}): ${result.outcome}`, { item: result });
  return jsonAnswer(200, answerOf(result, dryRunOnly));
}

/** @throws RateLimited; SyncError `ItemBankIdUnknown`, `GitHubUnavailable`, `GitHubCredentialsRejected`. */
async function synchronizeNow(dependencies: SyncItemDependencies, id: ItemBankId): Promise<ItemResult> {
  const { github } = await dependencies.connect();
  const request = { ...dependencies, github };
  const repository = await findInBank(request, id);
  const mirror = openMirror(dependencies, { dryRun: dependencies.dryRunOnly });
  const { results, pause } = await synchronizeRepositories(
    { request, mirror, inFlight: 1, webhookShare: 1, stop: () => undefined },
    [repository],
  );
  const [result] = results;
  if (result) return result;
  if (pause) throw new RateLimited(pause.resumeAt, pause.why);
  throw new Error('a synchronization without a pause has a result');
}

async function findInBank(
  request: WebhookRequest & Pick<SyncItemDependencies, 'ignored'>,
  id: ItemBankId,
): Promise<ListedRepository> {
  const found = await findRepository(request, id);
  switch (found.kind) {
    case 'in-bank':
      if (!request.ignored.has(found.repository.name)) return found.repository;
      throw new SyncError('ItemBankIdUnknown', `the repository of item bank id ${id} is on the ignore list`);
    case 'gone':
    case 'transferred':
      throw new SyncError(
        'ItemBankIdUnknown',
        `${request.organization} has no repository with the item bank id ${id}. What the mirror has of it goes with the next full run`,
      );
    case 'trouble':
      throw new SyncError('GitHubUnavailable', `item bank id ${id}: ${found.message}`);
  }
}

function askedToWait({ resumeAt, message }: RateLimited, now: Date): SyncError {
  const seconds = Math.max(1, Math.ceil((resumeAt.getTime() - now.getTime()) / 1_000));
  return new SyncError('GitHubRateLimited', message, { details: { [RETRY_AFTER]: seconds } });
}

function answerOf(
  { itemBankId, repository, outcome, webhookFound, ...result }: ItemResult,
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
