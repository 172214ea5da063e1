/** Environment variables of the functions. They never hold secrets, only where a secret is kept. */
export const ENV = {
  /** The name of the deployment, which is a dimension of its metrics. */
  stage: 'STAGE',
  jobExecutionsTable: 'JOB_EXECUTIONS_TABLE',
  itemsTable: 'ITEMS_TABLE',
  changeEventBus: 'CHANGE_EVENT_BUS',
  /** The topic that receives a notification about each run that has ended. */
  runTopicArn: 'RUN_TOPIC_ARN',
  stateMachineArn: 'STATE_MACHINE_ARN',
  /** `true`: every run is a dry run, whatever its caller asks for. */
  dryRunOnly: 'DRY_RUN_ONLY',
  /** `false`: items whose repository is gone stay in the mirror. */
  removalEnabled: 'REMOVAL_ENABLED',
  removalLimitPercent: 'REMOVAL_LIMIT_PERCENT',
  runDeadlineHours: 'RUN_DEADLINE_HOURS',
  githubOrganization: 'GITHUB_ORGANIZATION',
  githubApiUrl: 'GITHUB_API_URL',
  githubSecretId: 'GITHUB_SECRET_ID',
  githubLimits: 'GITHUB_LIMITS',
  webhookScope: 'WEBHOOK_SCOPE',
  /** `true`: GitHub is asked to send failed deliveries again. */
  redeliverFailedDeliveries: 'REDELIVER_FAILED_DELIVERIES',
  deliveryQueueUrl: 'DELIVERY_QUEUE_URL',
  /** The dead-letter queue of the former. */
  failedDeliveryQueueUrl: 'FAILED_DELIVERY_QUEUE_URL',
  ignoredRepositories: 'IGNORED_REPOSITORIES',
  projectWebhookUrl: 'PROJECT_WEBHOOK_URL',
  tokenIssuer: 'TOKEN_ISSUER',
  tokenAudience: 'TOKEN_AUDIENCE',
  tokenJwksUri: 'TOKEN_JWKS_URI',
  tokenKeysMaxAgeMinutes: 'TOKEN_KEYS_MAX_AGE_MINUTES',
  tokenLeewaySeconds: 'TOKEN_LEEWAY_SECONDS',
  tokenMaxLifetimeHours: 'TOKEN_MAX_LIFETIME_HOURS',
  syncScope: 'SYNC_SCOPE',
  readScope: 'READ_SCOPE',
} as const;
export type EnvName = (typeof ENV)[keyof typeof ENV];

/** Values of GITHUB_LIMITS. `published`: GitHub's own limits. `off`: for an Enterprise Server without limits. */
export const GITHUB_LIMITS = ['published', 'off'] as const;

/** Values of WEBHOOK_SCOPE: one project webhook for each repository, one for the organization, or that of the GitHub App. */
export const WEBHOOK_SCOPES = ['repository', 'organization', 'app'] as const;
export type WebhookScope = (typeof WEBHOOK_SCOPES)[number];

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Keys, tokens and secrets travel over `https:`, and over `http:` only on a loopback address. */
export function isSecureUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
}
export const SECURE_URL_RULE = 'must be an https URL, or an http URL on a loopback address';
