import type { DropReason } from './deliveries.ts';
import type { ItemBankId, JobExecutionId } from './ids.ts';
import type { BatchStatus, Failure, Outcome } from './job-execution.ts';
import type { WebhookState } from './webhooks.ts';

/**
 * The routes of the API, and which of the two scopes (`syncScope`, `readScope`) each requires of a bearer token. GitHub
 * sends no token; it signs its deliveries instead (`signature`). The description of the API is public (`none`).
 */
export const ROUTES = {
  startSync: { method: 'POST', path: '/sync', scope: 'sync' },
  syncItemById: { method: 'POST', path: '/sync/items/{itemId}', scope: 'sync' },
  syncItem: { method: 'POST', path: '/sync/{itemBankId}', scope: 'sync' },
  stopExecution: { method: 'POST', path: '/executions/{jobExecutionId}/stop', scope: 'sync' },
  restartExecution: { method: 'POST', path: '/executions/{jobExecutionId}/restart', scope: 'sync' },
  abandonExecution: { method: 'PUT', path: '/executions/{jobExecutionId}/abandon', scope: 'sync' },
  findItems: { method: 'GET', path: '/items', scope: 'read' },
  getItem: { method: 'GET', path: '/items/{itemBankId}', scope: 'read' },
  findExecutions: { method: 'GET', path: '/executions', scope: 'read' },
  getExecution: { method: 'GET', path: '/executions/{jobExecutionId}', scope: 'read' },
  findExecutionItems: { method: 'GET', path: '/executions/{jobExecutionId}/items', scope: 'read' },
  receiveWebhook: { method: 'POST', path: '/webhook', scope: 'signature' },
  describeApi: { method: 'GET', path: '/openapi.json', scope: 'none' },
} as const;

/** Answer of `POST /sync` (202). The header `Location` has the path of the run. */
export interface StartSyncAnswer {
  jobExecutionId: JobExecutionId;
  name: string;
  status: BatchStatus;
  message: string;
  executionArn: string;
}

/** Answer of `POST /executions/{jobExecutionId}/restart` (202). It is about the new run. */
export interface RestartAnswer extends StartSyncAnswer {
  restartOf: JobExecutionId;
}

/** The run that is working, in the answer 409 of `POST /sync`. */
export type RunningJob = {
  jobExecutionId: JobExecutionId;
  executionArn: string;
  dryRun: boolean;
};

/** Answer of `POST /webhook` (202), which GitHub shows in its log of deliveries. */
export type WebhookAnswer =
  | { deliveryId: string; queued: true; itemBankId: ItemBankId }
  | { deliveryId: string; queued: false; reason: DropReason };

/**
 * Answer of `POST /sync/{itemBankId}` and `POST /sync/items/{itemId}` (200). A failed item has a reason and a message.
 */
export interface SyncItemAnswer extends Partial<Failure> {
  itemBankId: ItemBankId;
  repository: string;
  outcome: Outcome;
  webhook: WebhookState;
  /** If true, nothing was written, and `outcome` is what it would have been. */
  dryRun: boolean;
}
