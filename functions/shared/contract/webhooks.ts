import type { WebhookScope } from './environment.ts';
import type { Failure } from './job-execution.ts';

/** Scopes with one webhook for all repositories. */
export type SharedScope = Exclude<WebhookScope, 'repository'>;

/** State of the project webhook of one repository, or of the organization or the App. */
export const WEBHOOK_STATES = [
  'present',
  'missing',
  /** It exists, but its settings are not the wanted ones. */
  'differs',
  'created',
  'repaired',
  /** The repository is archived, and therefore read-only. */
  'archived',
  /** The credentials may not see or write it. */
  'forbidden',
  /** Nobody checked it in this run, or the check failed. */
  'unchecked',
] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

/** Settings of a project webhook that are compared with the wanted ones. */
export const WEBHOOK_SETTINGS = ['url', 'active', 'events', 'contentType', 'insecureSsl', 'secret'] as const;
export type WebhookSetting = (typeof WEBHOOK_SETTINGS)[number];

/**
 * Whether a delivery should have announced a change that a run found, and none did: `missed`, or `unknown` if that cannot
 * be decided.
 */
export const MISSED_DELIVERIES = ['missed', 'unknown'] as const;
export type MissedDelivery = (typeof MISSED_DELIVERIES)[number];

/** What is remembered of a project webhook from one run to the next. Times are ISO 8601. */
export interface KnownWebhook {
  /** The state in which it was last found or left. */
  state: WebhookState;
  /** GitHub's id of the webhook. */
  id?: number;
  /** Version of the secret that this service gave it; absent if others may have set the secret. */
  secretVersion?: string;
  /** When this was found, or written. Later checks that find the same are not recorded. */
  checkedAt?: string;
}

/** A webhook for all repositories, of the organization or of the GitHub App, as a run found and left it. */
export interface SharedWebhook {
  scope: SharedScope;
  found: WebhookState;
  left: WebhookState;
  id?: number;
  differs?: WebhookSetting[];
  /** Ids of further webhooks that point to this service. */
  others?: number[];
  /** Only while the secret is being replaced: whether this webhook has the new one. */
  hasCurrentSecret?: boolean;
  /** Why it was not checked, created or repaired. */
  failure?: Failure;
}
