import { ERRORS, type ErrorName } from '../shared/contract/errors.ts';
import { BATCH_STATUSES, EXIT_CODES, OUTCOMES, REASONS, TRIGGERS } from '../shared/contract/job-execution.ts';
import type { ROUTES } from '../shared/contract/routes.ts';
import { WEBHOOK_STATES } from '../shared/contract/webhooks.ts';
import { statusOf } from '../shared/http.ts';
import { described, flag, id, objectOf, oneOf, type Schema, text } from './schema.ts';

type RouteName = keyof typeof ROUTES;

/** An OpenAPI operation, without what follows from its route. */
export interface Operation {
  summary: string;
  description?: string;
  tag: 'Executions' | 'Items' | 'Deliveries' | 'Description';
  /** Schemas of the parameters in the query. */
  query?: Readonly<Record<string, Schema>>;
  /** Headers that the caller sends. */
  headers?: Readonly<Record<string, Schema>>;
  /** By media type. */
  body?: { required: boolean; content: Readonly<Record<string, Schema>> };
  answer: Answer;
  /** Errors of the function, besides `INTERNAL_ERROR`. */
  errors: readonly ErrorName[];
}

interface Answer {
  status: 200 | 202;
  description: string;
  /** By media type. */
  content: Readonly<Record<string, Schema>>;
  headers?: Readonly<Record<string, Schema>>;
}

const JSON_TYPE = 'application/json';
const json = (schema: string): Readonly<Record<string, Schema>> => ({
  [JSON_TYPE]: { $ref: `#/components/schemas/${schema}` },
});

const page = (most: number, usual: number): Readonly<Record<string, Schema>> => ({
  limit: described('The maximum number of elements on a page.', {
    type: 'integer',
    minimum: 1,
    maximum: most,
    default: usual,
  }),
  cursor: described('The `next` of the previous page. It is only valid for the same filter.', text),
});

const LOCATION = { Location: described('The path of the execution.', text) };

/** Errors of routes that call GitHub. */
const GITHUB_ERRORS = [
  'GitHubRateLimited',
  'GitHubUnavailable',
  'GitHubRefused',
] as const satisfies ErrorName[];

/** The description of each route. */
export const OPERATIONS: Readonly<Record<RouteName, Operation>> = {
  startSync: {
    summary: 'Start a run',
    description: 'Registers a job execution and starts it. One run works at a time.',
    tag: 'Executions',
    body: {
      required: false,
      content: {
        [JSON_TYPE]: objectOf(
          {
            dryRun: described('Read and compare everything, and write nothing but the history.', flag),
            removalLimitPercent: described('The share of the mirror that this run may remove.', {
              type: 'number',
              minimum: 0,
              maximum: 100,
            }),
          },
          ['dryRun', 'removalLimitPercent'],
        ),
      },
    },
    answer: {
      status: 202,
      description: 'The run was started.',
      content: json('StartSyncAnswer'),
      headers: LOCATION,
    },
    errors: ['RequestInvalid', 'JobExecutionAlreadyRunning', 'ExecutionNotStarted'],
  },
  syncItem: {
    summary: 'Synchronize the item of a repository',
    description: 'Also works while a run is working. It removes nothing and creates no webhook.',
    tag: 'Items',
    answer: { status: 200, description: 'What was done.', content: json('SyncItemAnswer') },
    errors: ['RequestInvalid', 'ItemBankIdUnknown', 'RowTooNew', ...GITHUB_ERRORS],
  },
  syncItemById: {
    summary: 'Synchronize an item by its item id',
    description: 'Looks up the repository with this item id in the mirror.',
    tag: 'Items',
    answer: { status: 200, description: 'What was done.', content: json('SyncItemAnswer') },
    errors: [
      'RequestInvalid',
      'ItemNotFound',
      'ItemIdAmbiguous',
      'ItemBankIdUnknown',
      'RowTooNew',
      ...GITHUB_ERRORS,
    ],
  },
  findItems: {
    summary: 'Find items',
    description: 'Exactly one of `itemId`, `repository` and `stimulusId` must be given.',
    tag: 'Items',
    query: {
      itemId: described('Several repositories can have the same item id.', text),
      repository: described('The name of the repository.', text),
      stimulusId: described('Items that belong to the stimulus with this item id.', text),
      ...page(100, 100),
    },
    answer: {
      status: 200,
      description: 'Items in the order of their item bank ids.',
      content: json('FindItemsAnswer'),
    },
    errors: ['RequestInvalid', 'RowTooNew'],
  },
  getItem: {
    summary: 'Get one item with its text and its revisions',
    tag: 'Items',
    answer: { status: 200, description: 'The item.', content: json('Item') },
    errors: ['RequestInvalid', 'ItemNotFound', 'RowTooNew'],
  },
  findExecutions: {
    summary: 'List the runs, the newest first',
    description: 'If the newest execution has ended without closing its record, closes the record.',
    tag: 'Executions',
    query: {
      status: oneOf(BATCH_STATUSES),
      exitCode: oneOf(EXIT_CODES),
      trigger: oneOf(TRIGGERS),
      day: described('Runs that were created on this day in UTC.', { type: 'string', format: 'date' }),
      ...page(100, 20),
    },
    answer: { status: 200, description: 'Runs.', content: json('FindExecutionsAnswer') },
    errors: ['RequestInvalid'],
  },
  getExecution: {
    summary: 'Get a run with its progress',
    description: 'If the execution has ended without closing its record, closes the record.',
    tag: 'Executions',
    answer: { status: 200, description: 'The run.', content: json('ExecutionDetail') },
    errors: ['RequestInvalid', 'ExecutionNotFound', 'RowTooNew'],
  },
  findExecutionItems: {
    summary: 'List what a run did',
    description: 'Ids that were unchanged and whose webhook is in order are left out.',
    tag: 'Executions',
    query: {
      outcome: oneOf(OUTCOMES),
      reason: oneOf(REASONS),
      webhook: described('The state in which the run left the webhook.', oneOf(WEBHOOK_STATES)),
      format: { ...oneOf(['json', 'csv']), default: 'json' },
      ...page(1_000, 100),
    },
    answer: {
      status: 200,
      description: 'One element, or one line of CSV, for each item bank id.',
      content: { ...json('FindExecutionItemsAnswer'), 'text/csv': text },
      headers: { Link: described('The address of the next page, if there is one, with `rel="next"`.', text) },
    },
    errors: ['RequestInvalid', 'ExecutionNotFound', 'ExecutionItemsExpired', 'RowTooNew'],
  },
  stopExecution: {
    summary: 'Stop a run',
    description: 'The run finishes its batches in progress. Further calls change nothing.',
    tag: 'Executions',
    answer: { status: 202, description: 'The run is stopping or stopped.', content: json('ControlAnswer') },
    errors: ['RequestInvalid', 'ExecutionNotFound', 'ExecutionEnded', 'RowTooNew'],
  },
  restartExecution: {
    summary: 'Restart a run',
    description: 'Starts a new run of the ids that failed, were deferred or were not processed.',
    tag: 'Executions',
    answer: {
      status: 202,
      description: 'The new run was started.',
      content: json('RestartAnswer'),
      headers: LOCATION,
    },
    errors: [
      'RequestInvalid',
      'ExecutionNotFound',
      'JobExecutionAlreadyRunning',
      'NothingToRestart',
      'ExecutionNotStarted',
      'RowTooNew',
    ],
  },
  abandonExecution: {
    summary: 'Abandon a run',
    description:
      'Ends the record and releases the lock at once, even if Step Functions no longer knows the execution.',
    tag: 'Executions',
    answer: { status: 200, description: 'The run is abandoned.', content: json('ControlAnswer') },
    errors: ['RequestInvalid', 'ExecutionNotFound', 'ExecutionEnded', 'RowTooNew'],
  },
  receiveWebhook: {
    summary: "Receive one of GitHub's deliveries",
    tag: 'Deliveries',
    headers: {
      'X-GitHub-Delivery': text,
      'X-GitHub-Event': text,
      'X-Hub-Signature-256': described('HMAC-SHA256 of the body with the webhook secret.', {
        type: 'string',
        pattern: '^sha256=[0-9a-f]{64}$',
      }),
    },
    body: {
      required: true,
      content: {
        [JSON_TYPE]: { type: 'object' },
        'application/x-www-form-urlencoded': objectOf({ payload: text }),
      },
    },
    answer: {
      status: 202,
      description: 'The delivery was queued, or nothing has to be done.',
      content: json('WebhookAnswer'),
    },
    errors: ['RequestInvalid', 'SignatureInvalid', 'RequestTooLarge', 'DeliveryNotQueued'],
  },
  describeApi: {
    summary: 'Get this description',
    tag: 'Description',
    answer: {
      status: 200,
      description: 'An OpenAPI 3.1 document.',
      content: { [JSON_TYPE]: { type: 'object' } },
    },
    errors: [],
  },
};

/** Schemas of the parameters in the paths. */
export const PATH_PARAMETERS: Readonly<Record<string, Schema>> = {
  itemBankId: described('The numeric GitHub repository id.', id),
  itemId: described('The `id` of item.json. `007` finds `7`.', text),
  jobExecutionId: described('The id of the run.', id),
};

/** The errors of a function by their HTTP status, as text. */
export function errorsByStatus(errors: readonly ErrorName[]): [status: string, codes: string[]][] {
  const statuses = [...new Set(errors.map(statusOf))].sort();
  return statuses.map((status) => [
    String(status),
    errors.filter((name) => statusOf(name) === status).map((name) => ERRORS[name].code),
  ]);
}
