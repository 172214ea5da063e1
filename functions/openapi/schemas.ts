import { ERRORS } from '../shared/contract/errors.ts';
import type {
  ControlAnswer,
  ExecutionDetail,
  ExecutionItem,
  ExecutionProgress,
  ExecutionSummary,
  ExecutionWait,
  FindExecutionItemsAnswer,
  FindExecutionsAnswer,
  OutcomeCounts,
} from '../shared/contract/executions.ts';
import {
  BATCH_STATUSES,
  EXIT_CODES,
  type Failure,
  OUTCOMES,
  type Outcome,
  REASONS,
  TRIGGERS,
} from '../shared/contract/job-execution.ts';
import type { Forecast, HourQuota, RequestCounts } from '../shared/contract/requests.ts';
import type { RestartAnswer, StartSyncAnswer, SyncItemAnswer } from '../shared/contract/routes.ts';
import { WEBHOOK_STATES, type WebhookState } from '../shared/contract/webhooks.ts';
import { ITEM_SCHEMAS } from './item-schemas.ts';
import {
  count,
  described,
  flag,
  id,
  listOf,
  number,
  objectOf,
  oneOf,
  orNull,
  type Schema,
  text,
  time,
} from './schema.ts';
import { FAILURE, FAILURE_NAMES, itemBankId, ref, repository } from './shared-schemas.ts';

const jobExecutionId = described('1, 2, 3, … in the order in which runs were registered.', id);
const executionArn = described('The execution in Step Functions.', text);
const outcome = oneOf(OUTCOMES);
const webhookState = oneOf(WEBHOOK_STATES);

const SUMMARY: Record<keyof ExecutionSummary, Schema> = {
  jobExecutionId,
  name: text,
  status: ref('Status'),
  exitCode: orNull(ref('ExitCode')),
  exitMessage: orNull(text),
  trigger: oneOf(TRIGGERS),
  startedBy: described('The subject of the token, the ARN of the rule, or the ARN of the execution.', text),
  dryRun: flag,
  removalLimitPercent: orNull({ type: 'number', minimum: 0, maximum: 100 }),
  createTime: time,
  startTime: orNull(time),
  endTime: orNull(time),
  durationSeconds: described('From its start to its end, or until now.', orNull(number)),
  total: described('The number of item bank ids in the listing.', orNull(count)),
  outcomes: described('`null` until the run has reached its end.', orNull(ref('OutcomeCounts'))),
  restartOf: described('The run that this one restarted.', orNull(id)),
  restartedBy: described('The run that restarted this one.', orNull(id)),
  stoppedBy: described('Who requested that the run be stopped or abandoned.', orNull(text)),
  executionArn,
  consoleUrl: described('The execution in the Step Functions console.', { type: 'string', format: 'uri' }),
};

const PROGRESS: Record<keyof ExecutionProgress, Schema> = {
  total: SUMMARY.total,
  done: described('How many of `total` have an outcome, including `deferred`.', orNull(count)),
  outcomes: orNull(ref('OutcomeCounts')),
  webhooks: described(
    'Repositories by the state of their project webhook; or the one webhook for all of them.',
    orNull(objectOf<Record<WebhookState, number>>(byName(WEBHOOK_STATES, count))),
  ),
  requiringProjectWebhook: orNull(count),
  changedWithoutDelivery: orNull(count),
  itemsWithFieldIssues: orNull(count),
  requests: described('Requests to GitHub.', orNull(ref('RequestCounts'))),
};

const DETAIL: Record<keyof ExecutionDetail, Schema> = {
  ...SUMMARY,
  ...PROGRESS,
  waits: described(
    'What requests to GitHub are waiting for.',
    listOf(objectOf<ExecutionWait>({ waitsFor: text, until: time })),
  ),
  forecast: described('The expected requests; `null` until the bank is listed.', orNull(ref('Forecast'))),
  estimatedEnd: described('`null` if the run has ended, or if there is no estimate.', orNull(time)),
  itemsKeptUntil: described('Until when the outcomes of single ids are kept.', time),
};

const STARTED: Record<keyof StartSyncAnswer, Schema> = {
  jobExecutionId,
  name: text,
  status: ref('Status'),
  message: text,
  executionArn,
};

/** Members of a problem in addition to those of RFC 9457. */
const PROBLEM = {
  type: text,
  status: { type: 'integer' },
  title: text,
  code: oneOf([...Object.values(ERRORS).map(({ code }) => code), 'INTERNAL_ERROR']),
  detail: text,
  requestId: text,
  retryAfterSeconds: described('Also the header Retry-After.', { type: 'integer', minimum: 0 }),
  githubRequestId: text,
  jobExecutionId,
  executionArn,
  dryRun: flag,
  exitCode: described('How an execution that has ended did so.', ref('ExitCode')),
  itemBankIds: listOf(itemBankId),
  itemsKeptUntil: described('Until when the outcomes of single ids were kept.', time),
};

/** The schemas that the operations refer to. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Status: described("Spring Batch's `BatchStatus`.", oneOf(BATCH_STATUSES)),
  ExitCode: oneOf(EXIT_CODES),
  Reason: oneOf(REASONS),
  OutcomeCounts: objectOf<OutcomeCounts>(byName<Outcome>(OUTCOMES, count)),
  RequestCounts: objectOf<RequestCounts>({
    reads: count,
    writes: count,
    queries: described('GraphQL queries.', count),
    queryMs: described('How long GitHub took for all queries together, in milliseconds.', number),
    refused: described('How many of all these GitHub answered with 403 or 429.', count),
  }),
  Forecast: objectOf<Forecast>(
    {
      webhookShare: number,
      webhookChecks: count,
      requests: objectOf<Forecast['requests']>({ reads: count, queries: count }),
      seconds: described("How long GitHub's limits make the run take.", number),
      quota: objectOf<NonNullable<Forecast['quota']>>({ rest: ref('HourQuota'), graphql: ref('HourQuota') }, [
        'graphql',
      ]),
    },
    ['seconds', 'quota'],
  ),
  HourQuota: objectOf<HourQuota>({ limit: count, remaining: count, reserved: count, resetAt: time }),
  StartSyncAnswer: objectOf<StartSyncAnswer>(STARTED),
  RestartAnswer: objectOf<RestartAnswer>({ ...STARTED, restartOf: jobExecutionId }),
  SyncItemAnswer: objectOf<SyncItemAnswer>(
    {
      itemBankId,
      repository,
      outcome,
      webhook: webhookState,
      dryRun: described('If true, nothing was written, and `outcome` is what it would have been.', flag),
      ...FAILURE,
    },
    FAILURE_NAMES,
  ),
  ExecutionSummary: objectOf<ExecutionSummary>(SUMMARY),
  FindExecutionsAnswer: objectOf<FindExecutionsAnswer>(
    {
      executions: listOf(ref('ExecutionSummary')),
      unreadable: described('Runs on this page whose record this release cannot read.', listOf(id)),
      next: described('The `cursor` of the next page.', text),
    },
    ['unreadable', 'next'],
  ),
  ExecutionDetail: objectOf<ExecutionDetail>(DETAIL),
  ExecutionItem: objectOf<ExecutionItem>(
    {
      itemBankId,
      repository,
      outcome,
      since: described('Since when the item has failed or been deferred, if the mirror says so.', time),
      webhookFound: webhookState,
      webhookLeft: webhookState,
      webhookFailure: objectOf<Failure>(FAILURE, ['githubRequestId']),
      ...FAILURE,
    },
    ['since', 'webhookFailure', ...FAILURE_NAMES],
  ),
  FindExecutionItemsAnswer: objectOf<FindExecutionItemsAnswer>(
    {
      items: listOf(ref('ExecutionItem')),
      unreadable: described('Ids on this page whose row this release cannot read.', listOf(id)),
      itemsKeptUntil: described('Until when the outcomes of single ids are kept.', time),
      next: described('The `cursor` of the next page.', text),
    },
    ['unreadable', 'next'],
  ),
  ControlAnswer: objectOf<ControlAnswer>({
    jobExecutionId,
    status: ref('Status'),
    message: text,
    stoppedBy: text,
  }),
  ...ITEM_SCHEMAS,
  WebhookAnswer: objectOf(
    {
      deliveryId: text,
      queued: flag,
      itemBankId,
      reason: described('Why nothing has to be done.', text),
    },
    ['itemBankId', 'reason'],
  ),
  Problem: objectOf(PROBLEM, [
    'detail',
    'retryAfterSeconds',
    'githubRequestId',
    'jobExecutionId',
    'executionArn',
    'dryRun',
    'exitCode',
    'itemBankIds',
    'itemsKeptUntil',
  ]),
  GatewayError: described("API Gateway's own answer.", objectOf({ message: text })),
};

function byName<Name extends string>(names: readonly Name[], schema: Schema): Record<Name, Schema> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>;
}
