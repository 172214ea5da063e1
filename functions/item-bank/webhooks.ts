import type { ItemResult, ListedRepository, Reason, WebhookState } from '../vocabulary.ts';
import type { GitHub } from './github.ts';
import { bankTrouble, failureOf, type GitHubFailure } from './github-answers.ts';

export interface WebhookRequest {
  github: GitHub;
  organization: string;
  projectWebhookUrl: string;
  now: () => Date;
}

/**
 * Sees whether a repository has the project webhook. Trouble with this one repository is a result.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function checkWebhook(
  request: WebhookRequest,
  repository: ListedRepository,
): Promise<ItemResult> {
  const startedAt = request.now().getTime();
  const result = await findWebhook(request, repository);
  return {
    itemBankId: repository.itemBankId,
    repository: repository.name,
    ...result,
    durationMs: request.now().getTime() - startedAt,
  };
}

type Found = Pick<ItemResult, 'outcome' | 'webhookFound' | 'reason' | 'message' | 'githubRequestId'>;

async function findWebhook(request: WebhookRequest, repository: ListedRepository): Promise<Found> {
  if (repository.archived) return { outcome: 'checked', webhookFound: 'archived' };
  try {
    const present = await hasProjectWebhook(request, repository);
    return { outcome: 'checked', webhookFound: present ? 'present' : 'missing' };
  } catch (error) {
    const failure = repositoryFailure(error, request.now());
    return {
      outcome: 'failed',
      webhookFound: failure.reason === 'FORBIDDEN' ? 'forbidden' : 'unchecked',
      ...failure,
    };
  }
}

async function hasProjectWebhook(
  { github, organization, projectWebhookUrl }: WebhookRequest,
  { name }: ListedRepository,
): Promise<boolean> {
  const hooks = await github.paginate(github.rest.repos.listWebhooks, {
    owner: organization,
    repo: name,
    per_page: 100,
  });
  return hooks.some(({ config }) => config.url === projectWebhookUrl);
}

export type Created =
  | { webhookLeft: Extract<WebhookState, 'created'> }
  | {
      webhookLeft: Extract<WebhookState, 'missing' | 'archived' | 'forbidden'>;
      reason: Reason;
      message: string;
    };

/**
 * Creates the project webhook of a repository that had none when it was checked. It may have one by now, from an
 * invocation that did not live to say so.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function createWebhook(
  request: WebhookRequest & { webhookSecret: string },
  repository: ListedRepository,
): Promise<Created> {
  try {
    await request.github.rest.repos.createWebhook({
      owner: request.organization,
      repo: repository.name,
      name: 'web',
      active: true,
      events: ['push'],
      config: {
        url: request.projectWebhookUrl,
        content_type: 'json',
        secret: request.webhookSecret,
        insecure_ssl: '0',
      },
    });
    return { webhookLeft: 'created' };
  } catch (error) {
    return afterRefusal(request, repository, error);
  }
}

async function afterRefusal(
  request: WebhookRequest,
  repository: ListedRepository,
  error: unknown,
): Promise<Created> {
  const { trouble, message } = failureOf(error, request.now());
  switch (trouble.kind) {
    case 'refused':
      return afterUnprocessable(request, repository, message);
    case 'archived':
      return { webhookLeft: 'archived', reason: 'FORBIDDEN', message };
    default:
      return notCreated(error, request.now());
  }
}

/** "Hook already exists on this repository" is success, if it is ours. */
async function afterUnprocessable(
  request: WebhookRequest,
  repository: ListedRepository,
  message: string,
): Promise<Created> {
  try {
    if (await hasProjectWebhook(request, repository)) return { webhookLeft: 'created' };
    return { webhookLeft: 'missing', reason: 'HOOK_REFUSED', message };
  } catch (error) {
    return notCreated(error, request.now());
  }
}

function notCreated(error: unknown, now: Date): Created {
  const { reason, message } = repositoryFailure(error, now);
  return { webhookLeft: reason === 'FORBIDDEN' ? 'forbidden' : 'missing', reason, message };
}

function repositoryFailure(
  error: unknown,
  now: Date,
): { reason: Reason; message: string; githubRequestId?: string } {
  const failure = failureOf(error, now);
  return {
    reason: reasonOf(error, failure),
    message: failure.message,
    ...(failure.requestId !== undefined && { githubRequestId: failure.requestId }),
  };
}

function reasonOf(error: unknown, failure: GitHubFailure): Reason {
  switch (failure.trouble.kind) {
    case 'rate-limited':
    case 'credentials-rejected':
      throw bankTrouble(error, failure);
    // GitHub hides the webhooks of a repository from a token without the permission behind a 404.
    case 'not-found':
    case 'forbidden':
    case 'archived':
      return 'FORBIDDEN';
    case 'refused':
    case 'unavailable':
      return 'GITHUB_ERROR';
  }
}
