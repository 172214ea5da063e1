import { failedRequest } from '../github/responses.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { KnownWebhook, WebhookState } from '../shared/contract/webhooks.ts';
import { type WebhookContext, wantedWebhook, webhookFailure } from './check-webhook.ts';
import { findProjectWebhook, secretVersionOf } from './project-webhook.ts';
import type { WebhookSettings, WebhookTarget } from './webhook-target.ts';

/** How an attempt to create or repair a webhook ended. */
export type WrittenWebhook =
  | { left: Extract<WebhookState, 'created' | 'repaired'>; id: number }
  | {
      left: Extract<WebhookState, 'missing' | 'differs' | 'archived' | 'forbidden'>;
      failure: Failure;
    };

/**
 * Creates the project webhook of a target that has none. An earlier invocation may have created it and died before it
 * recorded that; its webhook is then adopted.
 * @throws DeferredError; SyncError `GitHubCredentialsRejected`.
 */
export async function createWebhook(context: WebhookContext, target: WebhookTarget): Promise<WrittenWebhook> {
  try {
    return { left: 'created', id: await target.create(settingsFor(context, target)) };
  } catch (error) {
    if (failedRequest(error, context).meaning.kind !== 'refused') {
      return notWritten(error, context, 'missing');
    }
    return adopt(context, target, { refusal: error, before: 'missing', left: 'created' });
  }
}

/**
 * Gives a project webhook the wanted settings, or creates it if it was deleted after the check.
 * @throws DeferredError; SyncError `GitHubCredentialsRejected`.
 */
export async function repairWebhook(
  context: WebhookContext,
  target: WebhookTarget,
  id: number,
): Promise<WrittenWebhook> {
  try {
    await target.update(id, settingsFor(context, target));
    return { left: 'repaired', id };
  } catch (error) {
    const { kind } = failedRequest(error, context).meaning;
    if (kind === 'not-found') return recreateWebhook(context, target, { id, refusal: error });
    if (kind !== 'refused') return notWritten(error, context, 'differs');
    return adopt(context, target, { refusal: error, before: 'differs', left: 'repaired', refusedId: id });
  }
}

/** Creates a webhook again after GitHub answered 404 for it. If GitHub still lists it, the 404 was a mistake. */
async function recreateWebhook(
  context: WebhookContext,
  target: WebhookTarget,
  { id, refusal }: { id: number; refusal: unknown },
): Promise<WrittenWebhook> {
  try {
    const { webhooks } = await target.list();
    if (webhooks.some((webhook) => webhook.id === id)) return notWritten(refusal, context, 'differs');
  } catch (error) {
    return notWritten(error, context, 'differs');
  }
  return createWebhook(context, target);
}

/** What to remember of a webhook that this service has just written. */
export function knownAfterWrite(
  { left, id }: Extract<WrittenWebhook, { id: unknown }>,
  { projectWebhookUrl, webhookSecret, now }: WebhookContext,
): KnownWebhook {
  return {
    state: left,
    id,
    secretVersion: secretVersionOf(webhookSecret, projectWebhookUrl),
    checkedAt: now().toISOString(),
  };
}

function settingsFor(
  { projectWebhookUrl, webhookSecret }: WebhookContext,
  { events }: WebhookTarget,
): WebhookSettings {
  return {
    active: true,
    events: [...events],
    config: { url: projectWebhookUrl, content_type: 'json', secret: webhookSecret, insecure_ssl: '0' },
  };
}

interface Refusal {
  refusal: unknown;
  before: 'missing' | 'differs';
  left: 'created' | 'repaired';
  /** The webhook whose update GitHub refused. */
  refusedId?: number;
}

/**
 * "Hook already exists on this repository" means success if that webhook is the project's. It is updated once more,
 * because nobody can see whose secret it has.
 */
async function adopt(
  context: WebhookContext,
  target: WebhookTarget,
  { refusal, before, left, refusedId }: Refusal,
): Promise<WrittenWebhook> {
  try {
    // The remembered id does not matter here: the existing webhook is another one.
    const project = findProjectWebhook(
      (await target.list()).webhooks,
      wantedWebhook(context, target),
      undefined,
    );
    if (!project || project.webhook.id === refusedId) return notWritten(refusal, context, before);
    await target.update(project.webhook.id, settingsFor(context, target));
    return { left, id: project.webhook.id };
  } catch (error) {
    return notWritten(error, context, before);
  }
}

function notWritten(
  error: unknown,
  context: WebhookContext,
  before: 'missing' | 'differs',
): Extract<WrittenWebhook, { failure: Failure }> {
  const failure = webhookFailure(error, context);
  switch (failedRequest(error, context).meaning.kind) {
    case 'refused':
      return { left: before, failure: { ...failure, reason: 'HOOK_REFUSED' } };
    case 'archived':
      return { left: 'archived', failure };
    default:
      return { left: failure.reason === 'FORBIDDEN' ? 'forbidden' : before, failure };
  }
}
