import type { GitHubAccess } from '../github/connect.ts';
import type { GitHubContext } from '../github/github.ts';
import { failedRequest, repositoryFailure, undocumentedAnswer } from '../github/responses.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { KnownWebhook, WebhookSetting, WebhookState } from '../shared/contract/webhooks.ts';
import { findProjectWebhook, mayPointTo, secretVersionOf, type WantedWebhook } from './project-webhook.ts';
import type { WebhookTarget } from './webhook-target.ts';

export interface WebhookContext extends GitHubContext {
  projectWebhookUrl: string;
  webhookSecret: string;
  /** The secret is being replaced. */
  isSecretRotating?: boolean | undefined;
}

type Setting = Pick<WebhookContext, 'organization' | 'projectWebhookUrl' | 'now' | 'random'>;

/** The context of a function that has connected to GitHub. */
export const webhookContext = (
  { github, webhookSecret, isSecretRotating }: GitHubAccess,
  { organization, projectWebhookUrl, now, random }: Setting,
): WebhookContext => ({
  github,
  webhookSecret,
  isSecretRotating,
  organization,
  projectWebhookUrl,
  now,
  random,
});

/** What a check of the webhooks of a repository, or of the organization, found. */
export interface WebhookCheck {
  found: WebhookState;
  /** GitHub's id of the project webhook, if there is one. */
  id?: number;
  differs?: WebhookSetting[];
  /** Ids of further webhooks that point to this service. */
  others?: number[];
  /** Version of the secret that this service gave it; absent if others may have set the secret. */
  secretVersion?: string;
  /** The last delivery was accepted. */
  isAccepted?: true;
  /** Why the webhooks could not be checked. */
  failure?: Failure;
  /** Set if GitHub refused the check without a reason, which may turn out to be a rate limit. */
  isUnexplained?: true;
}

/**
 * Checks whether a target has the project webhook, and compares all its settings. A failure that concerns only this
 * target is part of the result.
 * @throws DeferredError; SyncError `GitHubCredentialsRejected`.
 */
export async function checkWebhook(
  context: WebhookContext,
  target: WebhookTarget,
  known: KnownWebhook | undefined,
): Promise<WebhookCheck> {
  try {
    const { webhooks, unreadable, occupiedBy } = await target.list();
    const wanted = wantedWebhook(context, target);
    const project = findProjectWebhook(webhooks, wanted, known);
    const possible = unreadable.find(({ url }) => mayPointTo(wanted.url, url));
    if (!project && possible) {
      return { found: 'unchecked', failure: undocumentedAnswer(possible.fault, possible.headers).failure };
    }
    if (!project && occupiedBy !== undefined) {
      const message = `the webhook of the App points to ${occupiedBy}, and may belong to another service`;
      return { found: 'differs', differs: ['url'], failure: { reason: 'HOOK_REFUSED', message } };
    }
    if (!project) return { found: 'missing' };
    const { webhook, differs, others } = project;
    const secretVersion = known?.id === webhook.id ? known.secretVersion : undefined;
    return {
      found: differs.length === 0 ? 'present' : 'differs',
      id: webhook.id,
      ...(differs.length > 0 && { differs }),
      ...(others.length > 0 && { others }),
      ...(secretVersion !== undefined && { secretVersion }),
      ...(webhook.lastResponseCode === ACCEPTED && { isAccepted: true }),
    };
  } catch (error) {
    const failed = failedRequest(error, context);
    const failure = repositoryFailure(error, failed, 'FORBIDDEN');
    const found = failure.reason === 'FORBIDDEN' ? 'forbidden' : 'unchecked';
    return { found, failure, ...(failed.isUnexplained && { isUnexplained: true }) };
  }
}

// The answer of receive-webhook to a delivery with a valid signature.
const ACCEPTED = 202;

export function wantedWebhook(
  { projectWebhookUrl: url, webhookSecret, isSecretRotating = false }: WebhookContext,
  { events, formerEvents = [] }: Pick<WebhookTarget, 'events' | 'formerEvents'>,
): WantedWebhook {
  return {
    url,
    events: [...formerEvents, events],
    secretVersion: secretVersionOf(webhookSecret, url),
    isSecretRotating,
  };
}

/**
 * Whether a repository's webhook signs with the current secret, or there is none that signs. False if that is not
 * known. Only the secrets that this service has set are known.
 */
export function hasCurrentSecret(
  { webhookSecret, projectWebhookUrl }: WebhookContext,
  { found, secretVersion, failure }: WebhookCheck,
  known: KnownWebhook | undefined,
): boolean {
  if (found === 'missing' || found === 'archived') return true;
  const wanted = secretVersionOf(webhookSecret, projectWebhookUrl);
  if (found === 'present') return secretVersion === wanted;
  return found === 'unchecked' && !failure && known?.secretVersion === wanted;
}

/** GitHub answers 404 to a token that may not see webhooks, hence `FORBIDDEN` for it. */
export const webhookFailure = (error: unknown, context: WebhookContext): Failure =>
  repositoryFailure(error, failedRequest(error, context), 'FORBIDDEN');

/**
 * What to remember of a webhook after a check. A check that found what is known already changes nothing, because on a
 * quiet night nothing is written for a webhook that is in order. It is written if a delivery was accepted since the
 * webhook was repaired: from then on, a rejected delivery means that the webhook has to be repaired again.
 * @returns undefined if there is nothing new.
 */
export function knownAfterCheck(
  known: KnownWebhook | undefined,
  check: WebhookCheck,
  at: Date,
): KnownWebhook | undefined {
  if (check.failure && check.found === 'unchecked') return withoutCheck(known);
  const found = knownFrom(check, known);
  const isNews = known?.state === 'repaired' && check.isAccepted;
  if (!found || (known?.checkedAt !== undefined && isSame(found, known) && !isNews)) return undefined;
  return { ...found, checkedAt: at.toISOString() };
}

/** After a failed check the webhook counts as never checked, so that rotation does not leave it to the next week. */
function withoutCheck(known: KnownWebhook | undefined): KnownWebhook | undefined {
  if (known?.checkedAt === undefined) return undefined;
  const { checkedAt: _, ...kept } = known;
  return { ...kept, state: 'unchecked' };
}

function knownFrom(
  { found, id, secretVersion }: WebhookCheck,
  known: KnownWebhook | undefined,
): KnownWebhook | undefined {
  switch (found) {
    case 'present':
    case 'differs':
      return {
        state: found,
        ...(id !== undefined && { id }),
        ...(secretVersion !== undefined && { secretVersion }),
      };
    case 'missing':
      return { state: 'missing' };
    case 'forbidden':
      return { ...known, state: 'forbidden' };
    default:
      return undefined;
  }
}

/** A webhook that an earlier run created or repaired is found present. */
const IN_ORDER: ReadonlySet<WebhookState> = new Set(['present', 'created', 'repaired']);

export const isInOrder = (state: WebhookState): boolean => IN_ORDER.has(state);

function isSame(found: KnownWebhook, known: KnownWebhook): boolean {
  const isSameState = found.state === known.state || (isInOrder(found.state) && isInOrder(known.state));
  return isSameState && found.id === known.id && found.secretVersion === known.secretVersion;
}
