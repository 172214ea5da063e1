import type { GitHubContext } from '../github/github.ts';
import { failedRequest, repositoryFailure, undocumentedAnswer } from '../github/responses.ts';
import type { Clock } from '../shared/clock.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { KnownWebhook, WebhookSetting, WebhookState } from '../shared/contract/webhooks.ts';
import type { HookPlace, HookSettings } from './hook-places.ts';
import { type ProjectHook, projectHookAmong } from './project-hook.ts';
import { secretVersionOf } from './webhook-secret.ts';

export interface WebhookRequest extends GitHubContext {
  projectWebhookUrl: string;
  webhookSecret: string;
}

/** What a look at the webhooks of a repository, or of the organization, said. */
export interface WebhookCheck {
  found: WebhookState;
  /** Of the project webhook, where there is one. */
  id?: number;
  /** Where it differs: what of it does. */
  differs?: WebhookSetting[];
  /** Further webhooks that lead here. */
  others?: number[];
  /** Of the secret that we gave it; absent where others may have. */
  secretVersion?: string;
  /** Why they could not be looked at. */
  trouble?: Failure;
}

/**
 * Sees whether the project webhook is there, and as it should be. Trouble with this one place is a result.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function checkWebhook(
  request: WebhookRequest,
  place: HookPlace,
  known: KnownWebhook | undefined,
): Promise<WebhookCheck> {
  try {
    const hooks = await place.list();
    if (!hooks) return { found: 'unchecked', trouble: undocumentedAnswer().failure };
    const project = projectHookAmong(hooks, wantedAt(place, request), known);
    return project ? checkOf(project, known) : { found: 'missing' };
  } catch (error) {
    const trouble = hookFailure(error, request);
    return { found: trouble.reason === 'FORBIDDEN' ? 'forbidden' : 'unchecked', trouble };
  }
}

function wantedAt({ events }: HookPlace, { projectWebhookUrl: url, webhookSecret }: WebhookRequest) {
  return { url, events, secretVersion: secretVersionOf(webhookSecret, url) };
}

function checkOf(
  { hook: { id }, differs, others }: ProjectHook,
  known: KnownWebhook | undefined,
): WebhookCheck {
  const secretVersion = known?.id === id ? known.secretVersion : undefined;
  return {
    found: differs.length === 0 ? 'present' : 'differs',
    id,
    ...(differs.length > 0 && { differs }),
    ...(others.length > 0 && { others }),
    ...(secretVersion !== undefined && { secretVersion }),
  };
}

/** How a webhook was left that was to be created or repaired. */
export type Written =
  | { left: Extract<WebhookState, 'created' | 'repaired'>; id: number | undefined }
  | {
      left: Extract<WebhookState, 'missing' | 'differs' | 'archived' | 'forbidden'>;
      trouble: Failure;
    };

/**
 * Creates the project webhook where there was none when it was checked. There may be one by now, from an invocation
 * that did not live to say so.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function createWebhook(request: WebhookRequest, place: HookPlace): Promise<Written> {
  try {
    return { left: 'created', id: await place.create(settingsAt(place, request)) };
  } catch (error) {
    const { kind } = failedRequest(error, request).meaning;
    if (kind === 'refused')
      return adopt(request, place, { refusal: error, before: 'missing', left: 'created' });
    return notWritten(error, request, 'missing');
  }
}

/**
 * Makes the project webhook what it should be, or creates it where it has gone since it was looked at.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function repairWebhook(request: WebhookRequest, place: HookPlace, id: number): Promise<Written> {
  try {
    await place.update(id, settingsAt(place, request));
    return { left: 'repaired', id };
  } catch (error) {
    const { kind } = failedRequest(error, request).meaning;
    if (kind === 'not-found') return createWebhook(request, place);
    if (kind === 'refused')
      return adopt(request, place, { refusal: error, before: 'differs', left: 'repaired', tried: id });
    return notWritten(error, request, 'differs');
  }
}

/** What of a webhook is remembered from the moment at which we wrote it. */
export function knownFrom(
  { left, id }: Extract<Written, { id: unknown }>,
  { projectWebhookUrl, webhookSecret, now }: WebhookRequest,
): KnownWebhook {
  return {
    state: left,
    ...(id !== undefined && { id }),
    secretVersion: secretVersionOf(webhookSecret, projectWebhookUrl),
    checkedAt: now().toISOString(),
  };
}

function settingsAt(
  { events }: HookPlace,
  { projectWebhookUrl, webhookSecret }: WebhookRequest,
): HookSettings {
  return {
    active: true,
    events: [...events],
    config: { url: projectWebhookUrl, content_type: 'json', secret: webhookSecret, insecure_ssl: '0' },
  };
}

interface Refused {
  refusal: unknown;
  before: 'missing' | 'differs';
  left: 'created' | 'repaired';
  /** The one that was to be written. */
  tried?: number;
}

/**
 * "Hook already exists on this repository" is success, if it is ours: whichever leads here, not the one that we had. It
 * is written once more, for whose secret it has nobody can see.
 */
async function adopt(
  request: WebhookRequest,
  place: HookPlace,
  { refusal, before, left, tried }: Refused,
): Promise<Written> {
  try {
    const project = projectHookAmong((await place.list()) ?? [], wantedAt(place, request), undefined);
    if (!project || project.hook.id === tried) return notWritten(refusal, request, before);
    await place.update(project.hook.id, settingsAt(place, request));
    return { left, id: project.hook.id };
  } catch (error) {
    return notWritten(error, request, before);
  }
}

function notWritten(error: unknown, clock: Clock, before: 'missing' | 'differs'): Written {
  const trouble = hookFailure(error, clock);
  switch (failedRequest(error, clock).meaning.kind) {
    case 'refused':
      return { left: before, trouble: { ...trouble, reason: 'HOOK_REFUSED' } };
    case 'archived':
      return { left: 'archived', trouble };
    default:
      return { left: trouble.reason === 'FORBIDDEN' ? 'forbidden' : before, trouble };
  }
}

// GitHub hides webhooks from a token without the permission behind a 404.
const hookFailure = (error: unknown, clock: Clock): Failure =>
  repositoryFailure(error, failedRequest(error, clock), 'FORBIDDEN');
