/**
 * The names and shapes that `lib`, `functions` and `local` share, each defined here and nowhere else.
 * A misspelt environment variable, error, state or route is a compile error.
 */

import type {
  BatchStatus,
  ExitCode,
  ItemBankId,
  JobExecutionId,
  Outcome,
  Reason,
  RepositoryTrouble,
  WebhookState,
} from './vocabulary.ts';

const SERVICE_NAME = 'item-sync';

/** Spring Batch's names of the job and of its one step, as the operators' log shows them. */
export const JOB_NAME = 'itemSynchronizationJob';
export const STEP_NAME = 'itemSynchronizationStep';

/** Physical names, by stage, so that two stages can share an account. */
export const resourceNames = (stage: string) => ({
  stateMachine: `${SERVICE_NAME}-${stage}`,
  jobExecutionsTable: `${SERVICE_NAME}-${stage}-job-executions`,
  itemsTable: `${SERVICE_NAME}-${stage}-items`,
  changeEventBus: `${SERVICE_NAME}-${stage}`,
  githubSecret: `${SERVICE_NAME}-${stage}/github`,
  api: `${SERVICE_NAME}-${stage}`,
  scheduleRule: `${SERVICE_NAME}-${stage}-schedule`,
  executionEndedRule: `${SERVICE_NAME}-${stage}-execution-ended`,
  undeliveredQueue: `${SERVICE_NAME}-${stage}-undelivered`,
  userPool: `${SERVICE_NAME}-${stage}`,
  alarm: (trouble: string) => `${SERVICE_NAME}-${stage}-${trouble}`,
  function: (entryPoint: EntryPoint) => `${SERVICE_NAME}-${stage}-${entryPoint}`,
  /** The one log of a run: every function writes here. */
  logGroup: `/${SERVICE_NAME}/${stage}`,
  // Step Functions and API Gateway extend the account's log resource policy, which is 5,120 characters long,
  // once for each group unless its name starts with /aws/vendedlogs/.
  stateMachineLogGroup: `/aws/vendedlogs/states/${SERVICE_NAME}-${stage}`,
  apiLogGroup: `/aws/vendedlogs/apis/${SERVICE_NAME}-${stage}`,
});

/** File names, below `functions/api` and `functions/workflow`, of what runs in Lambda. */
export const API_ENTRY_POINTS = ['authorize', 'start-sync', 'sync-item', 'get-item', 'find-items'] as const;
export const WORKFLOW_ENTRY_POINTS = [
  'start-scheduled-sync',
  'begin-execution',
  'list-item-bank-ids',
  'synchronize-batch',
  'create-webhooks',
  'remove-deleted-items',
  'complete-execution',
  'fail-execution',
  'close-execution',
] as const;
export type WorkflowEntryPoint = (typeof WORKFLOW_ENTRY_POINTS)[number];
export type EntryPoint = (typeof API_ENTRY_POINTS)[number] | WorkflowEntryPoint;

/** The routes of the API, and which of the two scopes (`syncScope`, `readScope`) each asks for. */
export const ROUTES = {
  startSync: { method: 'POST', path: '/sync', scope: 'sync' },
  syncItem: { method: 'POST', path: '/sync/{itemBankId}', scope: 'sync' },
  findItems: { method: 'GET', path: '/items', scope: 'read' },
  getItem: { method: 'GET', path: '/items/{itemBankId}', scope: 'read' },
} as const;

/** Indexes of the Items table, all over the ITEM rows: each by one attribute, with the table's keys alone. */
export const ITEM_INDEXES = {
  /** Every ITEM row has a repository name, so that a scan of this index meets the whole mirror and nothing else. */
  byRepository: { name: 'by-repository', attribute: 'repositoryName' },
  byItemId: { name: 'by-item-id', attribute: 'itemId' },
  byStimulusId: { name: 'by-stimulus-id', attribute: 'stimulusId' },
} as const;

/** Environment variables of the functions. Secrets are never among them, only where they are kept. */
export const ENV = {
  jobExecutionsTable: 'JOB_EXECUTIONS_TABLE',
  itemsTable: 'ITEMS_TABLE',
  changeEventBus: 'CHANGE_EVENT_BUS',
  stateMachineArn: 'STATE_MACHINE_ARN',
  /** `true`: whatever is asked for, nothing but the records of executions is written. */
  dryRunOnly: 'DRY_RUN_ONLY',
  /** `false`: items whose repository is gone stay in the mirror. */
  removalEnabled: 'REMOVAL_ENABLED',
  removalLimitPercent: 'REMOVAL_LIMIT_PERCENT',
  runDeadlineHours: 'RUN_DEADLINE_HOURS',
  githubOrganization: 'GITHUB_ORGANIZATION',
  githubApiUrl: 'GITHUB_API_URL',
  githubSecretId: 'GITHUB_SECRET_ID',
  /** `published`: GitHub's own; `off`: for an Enterprise Server that has none. */
  githubLimits: 'GITHUB_LIMITS',
  /** Where the project webhook is: at each repository, or once at the organization. */
  webhookScope: 'WEBHOOK_SCOPE',
  ignoredRepositories: 'IGNORED_REPOSITORIES',
  projectWebhookUrl: 'PROJECT_WEBHOOK_URL',
  tokenIssuer: 'TOKEN_ISSUER',
  tokenAudience: 'TOKEN_AUDIENCE',
  tokenJwksUri: 'TOKEN_JWKS_URI',
  syncScope: 'SYNC_SCOPE',
  readScope: 'READ_SCOPE',
} as const;
export type EnvName = (typeof ENV)[keyof typeof ENV];

/** What GITHUB_LIMITS may be. */
export const GITHUB_LIMITS = ['published', 'off'] as const;

/** What WEBHOOK_SCOPE may be. */
export const WEBHOOK_SCOPES = ['repository', 'organization'] as const;
export type WebhookScope = (typeof WEBHOOK_SCOPES)[number];

/** The `event` field of the line that says so; a metric filter counts these lines. */
export const SCHEDULE_SKIPPED = 'schedule-skipped';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Keys, tokens and secrets travel by `https:`; by `http:` only where nobody else can listen. */
export function isSecureUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
}
export const SECURE_URL_RULE = 'must be an https URL, or an http URL on a loopback address';

/** What the secret `resourceNames(stage).githubSecret` holds, as JSON: this, or a GitHubAppSecret. */
export interface GitHubSecret {
  /** A token that may read the organization's repositories and read and write their webhooks. */
  githubToken: string;
  /** GitHub signs its deliveries with it. */
  webhookSecret: string;
}

/** The same where a GitHub App takes the place of the token. The organization has installed it on all repositories. */
export interface GitHubAppSecret extends Pick<GitHubSecret, 'webhookSecret'> {
  githubApp: {
    appId: number;
    /** GitHub is asked for it where it is absent. */
    installationId?: number;
    /** PEM. */
    privateKey: string;
  };
}

/** What the secret's token is until an operator puts the real one there. */
export const TOKEN_PLACEHOLDER = 'PUT-THE-GITHUB-TOKEN-HERE';

/** States of the state machine, as the Step Functions console shows them. */
export const STATES = {
  beginExecution: 'BeginExecution',
  listItemBankIds: 'ListItemBankIds',
  listingDeferred: 'ListingDeferred?',
  waitToList: 'WaitForGitHubToList',
  synchronizeItemBankIds: 'SynchronizeItemBankIds',
  synchronizeBatch: 'SynchronizeBatch',
  batchDeferred: 'BatchDeferred?',
  waitToSynchronize: 'WaitForGitHubToSynchronize',
  batchDone: 'BatchDone',
  batchFailed: 'BatchFailed',
  batchEndsRun: 'BatchEndsRun',
  createWebhooks: 'CreateWebhooks',
  webhooksDeferred: 'WebhooksDeferred?',
  waitToCreateWebhooks: 'WaitForGitHubToCreateWebhooks',
  removeDeletedItems: 'RemoveDeletedItems',
  removalDeferred: 'RemovalDeferred?',
  waitToRemove: 'WaitForGitHubToRemove',
  completeExecution: 'CompleteExecution',
  failExecution: 'FailExecution',
  executionFailed: 'ExecutionFailed',
} as const;

/** What starts an execution of the state machine that was registered beforehand. */
export interface ExecutionInput {
  jobExecutionId: JobExecutionId;
}

/** What BeginExecution gets: the one thing that is trusted is the ARN, which Step Functions fills in. */
export interface BeginExecutionEvent {
  executionArn: string;
  input: unknown;
}

export interface BeginExecutionResult {
  jobExecutionId: JobExecutionId;
  /** ISO 8601. What is not done by then is left to the next run. */
  deadline: string;
}

/** What every working state's function gets. */
export interface WorkflowEvent {
  executionArn: string;
  jobExecutionId: JobExecutionId;
  deadline: string;
}

/** Whether the function left work behind, and when the state machine is to call it again (ISO 8601). */
export interface Deferral {
  deferred: boolean;
  resumeAt: string;
}

/** Up to 100 item bank ids that one invocation handles. */
export interface Batch {
  batch: number;
  count: number;
  firstItemBankId: ItemBankId;
  lastItemBankId: ItemBankId;
}

export interface ListItemBankIdsResult extends Deferral {
  batches: Batch[];
  /** How many batches are worked on at a time. */
  workers: number;
}

export interface SynchronizeBatchEvent extends WorkflowEvent {
  batch: number;
  workers: number;
}

export interface SynchronizeBatchResult extends Deferral {
  processed: number;
  requiringProjectWebhook: number;
  failedItemBankIds: ItemBankId[];
}

export interface FailExecutionEvent {
  executionArn: string;
  error: { Error: string; Cause: string };
}

/** The state machine's output. */
export interface ExecutionResult {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  exitCode: ExitCode;
  exitMessage: string;
}

/** Answer of `POST /sync` (202). */
export interface StartSyncAnswer {
  jobExecutionId: JobExecutionId;
  name: string;
  status: BatchStatus;
  message: string;
  executionArn: string;
}

/** Answer of `POST /sync/{itemBankId}` (200). */
export interface SyncItemAnswer extends Partial<RepositoryTrouble> {
  itemBankId: ItemBankId;
  repository: string;
  outcome: Outcome;
  webhook: WebhookState;
  /** Nothing was written: the outcome is what it would have been. */
  dryRun: boolean;
}

/** `source` of every event on the change event bus. */
export const CHANGE_EVENT_SOURCE = 'item-sync';

/**
 * What is told of an item that came, changed or went. Delivered at least once; `version` grows with each change, until
 * the item is removed.
 */
export interface ItemChange {
  itemBankId: ItemBankId;
  repositoryName: string;
  /** `id` of item.json; absent for a repository whose item.json was never good. */
  itemId?: string;
  type?: string;
  version: number;
  /** Of ItemCreated and ItemUpdated: the commit that the mirror shows now. */
  headCommit?: string;
  /** Of ItemRemoved. */
  reason?: Reason;
}

/** Detail of each event by its `detail-type`. */
interface ChangeEvents {
  ItemCreated: ItemChange;
  ItemUpdated: ItemChange;
  ItemRemoved: ItemChange;
  /** A run ended, whether well or not. */
  SyncCompleted: ExecutionResult;
}
export type ChangeEvent = {
  [Type in keyof ChangeEvents]: { type: Type; detail: ChangeEvents[Type] };
}[keyof ChangeEvents];

/** The fields of a log line that readers rely on: every line is one JSON object. */
export interface LogLine {
  timestamp: string;
  level: string;
  /** The function that wrote it. */
  service: string;
  message: string;
  jobExecutionId?: JobExecutionId;
  /** On lines that report a finished batch. */
  progress?: { processed: number; total: number };
}
