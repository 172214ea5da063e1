/** The Lambda functions of the HTTP API. Each is a file in `functions/handlers`. */
export const API_FUNCTIONS = [
  'authorize',
  'start-sync',
  'sync-item',
  'stop-execution',
  'restart-execution',
  'abandon-execution',
  'get-item',
  'find-items',
  'find-executions',
  'get-execution',
  'find-execution-items',
  'receive-webhook',
] as const;

/** The Lambda functions of the state machine and of the EventBridge rules. Each is a file in `functions/handlers`. */
export const WORKFLOW_FUNCTIONS = [
  'start-scheduled-sync',
  'begin-execution',
  'list-item-bank-ids',
  'synchronize-batch',
  'fail-batch',
  'create-webhooks',
  'remove-deleted-items',
  'complete-execution',
  'fail-execution',
  'close-execution',
] as const;

/** The Lambda functions that a queue invokes. Each is a file in `functions/handlers`. */
const QUEUE_FUNCTIONS = ['synchronize-deliveries'] as const;

export const FUNCTIONS = [...API_FUNCTIONS, ...WORKFLOW_FUNCTIONS, ...QUEUE_FUNCTIONS] as const;

export type WorkflowFunctionName = (typeof WORKFLOW_FUNCTIONS)[number];
export type FunctionName = (typeof FUNCTIONS)[number];

/** Path of a function's source, relative to the root of the repository. */
export const handlerPath = (name: FunctionName): string => `functions/handlers/${name}.ts`;
