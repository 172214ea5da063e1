import type { ListedRepository, RepositoryTrouble, WebhookState } from '../vocabulary.ts';
import type { BankRequest } from './github.ts';
import { failureOf, repositoryTrouble } from './github-answers.ts';
import type { Clock } from './waits.ts';

export interface WebhookRequest extends BankRequest {
  projectWebhookUrl: string;
}

/** What a look at the webhooks of a repository said. */
export interface WebhookCheck {
  found: WebhookState;
  /** Why they could not be looked at. */
  trouble?: RepositoryTrouble;
}

/**
 * Sees whether a repository has the project webhook. Trouble with this one repository is a result.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function checkWebhook(
  request: WebhookRequest,
  repository: ListedRepository,
): Promise<WebhookCheck> {
  if (repository.archived) return { found: 'archived' };
  try {
    return { found: (await hasProjectWebhook(request, repository)) ? 'present' : 'missing' };
  } catch (error) {
    const trouble = repositoryFailure(error, request);
    return { found: trouble.reason === 'FORBIDDEN' ? 'forbidden' : 'unchecked', trouble };
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
      webhookTrouble: RepositoryTrouble;
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
  switch (failureOf(error, request).trouble.kind) {
    case 'refused':
      return afterUnprocessable(request, repository, error);
    case 'archived':
      return { webhookLeft: 'archived', webhookTrouble: repositoryFailure(error, request) };
    default:
      return notCreated(error, request);
  }
}

/** "Hook already exists on this repository" is success, if it is ours. */
async function afterUnprocessable(
  request: WebhookRequest,
  repository: ListedRepository,
  refusal: unknown,
): Promise<Created> {
  try {
    if (await hasProjectWebhook(request, repository)) return { webhookLeft: 'created' };
    const webhookTrouble = { ...repositoryFailure(refusal, request), reason: 'HOOK_REFUSED' } as const;
    return { webhookLeft: 'missing', webhookTrouble };
  } catch (error) {
    return notCreated(error, request);
  }
}

function notCreated(error: unknown, clock: Clock): Created {
  const webhookTrouble = repositoryFailure(error, clock);
  return { webhookLeft: webhookTrouble.reason === 'FORBIDDEN' ? 'forbidden' : 'missing', webhookTrouble };
}

// GitHub hides the webhooks of a repository from a token without the permission behind a 404.
const repositoryFailure = (error: unknown, clock: Clock): RepositoryTrouble =>
  repositoryTrouble(error, failureOf(error, clock), 'FORBIDDEN');
