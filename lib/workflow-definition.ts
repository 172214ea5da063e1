import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  JitterType,
  JsonPath,
  Map as MapState,
  Pass,
  type State,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, type LambdaInvokeProps } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { ERRORS_OF_THE_RUN, type ErrorName, PASSING_ERRORS } from '../functions/shared/contract/errors.ts';
import {
  type BeginExecutionEvent,
  type BeginExecutionResult,
  type DeferrableResult,
  type FailBatchEvent,
  type FailExecutionEvent,
  type ListItemBankIdsResult,
  PASSING_RETRY,
  STATES,
  type SynchronizeBatchEvent,
  type WorkflowEvent,
} from '../functions/shared/contract/workflow.ts';
import type { WorkflowFunctions } from './workflow-functions.ts';

/** The JSONPath that fills each field of a payload or result. */
type Paths<Shape> = { [Field in keyof Shape]: unknown };

const EXECUTION_ARN = JsonPath.stringAt('$$.Execution.Id');

const RUN: Paths<Omit<WorkflowEvent, 'retryCount'>> = {
  executionArn: EXECUTION_ARN,
  jobExecutionId: JsonPath.numberAt('$.jobExecutionId'),
  deadline: JsonPath.stringAt('$.deadline'),
};

const RETRY_COUNT = JsonPath.numberAt('$$.State.RetryCount');
const WORKFLOW_EVENT: Paths<WorkflowEvent> = { ...RUN, retryCount: RETRY_COUNT };

const DEFERRAL: Paths<DeferrableResult> = {
  deferred: JsonPath.stringAt('$.Payload.deferred'),
  resumeAt: JsonPath.stringAt('$.Payload.resumeAt'),
};

/**
 * BeginExecution → ListItemBankIds → SynchronizeItemBankIds (Map) → CreateWebhooks → RemoveDeletedItems →
 * CompleteExecution, and FailExecution on any error. A state whose function returns a deferral waits and invokes the
 * function again.
 */
export function defineWorkflow(scope: Construct, functions: WorkflowFunctions): IChainable {
  const failed = failExecution(scope, functions.failExecution);
  const begin = invoke(scope, STATES.beginExecution, functions.beginExecution, {
    payload: TaskInput.fromObject({
      executionArn: EXECUTION_ARN,
    } satisfies Paths<BeginExecutionEvent>),
    resultSelector: {
      jobExecutionId: JsonPath.numberAt('$.Payload.jobExecutionId'),
      deadline: JsonPath.stringAt('$.Payload.deadline'),
    } satisfies Paths<BeginExecutionResult>,
  });
  const list = invoke(scope, STATES.listItemBankIds, functions.listItemBankIds, {
    payload: TaskInput.fromObject(WORKFLOW_EVENT),
    resultSelector: {
      ...DEFERRAL,
      batches: JsonPath.listAt('$.Payload.batches'),
      workers: JsonPath.numberAt('$.Payload.workers'),
    } satisfies Paths<ListItemBankIdsResult>,
    resultPath: '$.listing',
  });
  const synchronize = synchronizeBatches(scope, functions);
  const webhooks = invoke(scope, STATES.createWebhooks, functions.createWebhooks, {
    payload: TaskInput.fromObject(WORKFLOW_EVENT),
    resultSelector: DEFERRAL,
    resultPath: '$.webhooks',
  });
  const removal = invoke(scope, STATES.removeDeletedItems, functions.removeDeletedItems, {
    payload: TaskInput.fromObject(WORKFLOW_EVENT),
    resultSelector: DEFERRAL,
    resultPath: '$.removal',
  });
  const complete = invoke(scope, STATES.completeExecution, functions.completeExecution, {
    payload: TaskInput.fromObject(WORKFLOW_EVENT),
    outputPath: '$.Payload',
  });
  // Has a state of its own, so that no alarm counts it: the execution that is running does the work.
  const alreadyRunning = new Fail(scope, STATES.alreadyRunning, {
    errorPath: '$.error.Error',
    causePath: '$.error.Cause',
  });
  const alreadyRunningError: ErrorName = 'JobExecutionAlreadyRunning';
  begin.addCatch(alreadyRunning, { errors: [alreadyRunningError], resultPath: '$.error' });
  for (const state of [begin, list, synchronize, webhooks, removal, complete]) {
    state.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.error' });
  }

  begin.next(list);
  repeatWhileDeferred(scope, list, {
    result: '$.listing',
    choice: STATES.listingDeferred,
    wait: STATES.waitToList,
    next: synchronize,
  });
  synchronize.next(webhooks);
  repeatWhileDeferred(scope, webhooks, {
    result: '$.webhooks',
    choice: STATES.webhooksDeferred,
    wait: STATES.waitToCreateWebhooks,
    next: removal,
  });
  repeatWhileDeferred(scope, removal, {
    result: '$.removal',
    choice: STATES.removalDeferred,
    wait: STATES.waitToRemove,
    next: complete,
  });
  return begin;
}

/**
 * A batch that fails after all retries does not fail the run: FailBatch records its ids as failed. Errors that every batch
 * would meet fail the run.
 */
function synchronizeBatches(
  scope: Construct,
  { synchronizeBatch, failBatch }: Pick<WorkflowFunctions, 'synchronizeBatch' | 'failBatch'>,
): MapState {
  const batches = new MapState(scope, STATES.synchronizeItemBankIds, {
    itemsPath: '$.listing.batches',
    maxConcurrencyPath: '$.listing.workers',
    itemSelector: {
      ...RUN,
      batch: JsonPath.numberAt('$$.Map.Item.Value.batch'),
      workers: JsonPath.numberAt('$.listing.workers'),
    } satisfies Paths<Omit<SynchronizeBatchEvent, 'retryCount'>>,
    resultPath: JsonPath.DISCARD,
  });
  const task = invoke(scope, STATES.synchronizeBatch, synchronizeBatch, {
    payload: TaskInput.fromObject({
      ...WORKFLOW_EVENT,
      batch: JsonPath.numberAt('$.batch'),
      workers: JsonPath.numberAt('$.workers'),
    } satisfies Paths<SynchronizeBatchEvent>),
    resultSelector: {
      ...DEFERRAL,
      processed: JsonPath.numberAt('$.Payload.processed'),
      requiringProjectWebhook: JsonPath.numberAt('$.Payload.requiringProjectWebhook'),
      failed: JsonPath.arrayLength(JsonPath.objectAt('$.Payload.failedItemBankIds')),
    },
    resultPath: '$.result',
  });
  // The outputs of all iterations together must stay below 256 KiB, so they hold only counts and names of errors.
  const done = new Pass(scope, STATES.batchDone, { outputPath: '$.result' });
  const batchFailed = new Pass(scope, STATES.batchFailed, {
    parameters: { batch: JsonPath.numberAt('$.batch'), error: JsonPath.stringAt('$.error.Error') },
  });
  // The first matching Catch applies, so this one comes before States.ALL. A failed iteration fails the Map.
  const batchEndsRun = new Fail(scope, STATES.batchEndsRun, {
    errorPath: '$.error.Error',
    causePath: '$.error.Cause',
  });
  task.addCatch(batchEndsRun, { errors: [...ERRORS_OF_THE_RUN], resultPath: '$.error' });
  const record = invoke(scope, STATES.failBatch, failBatch, {
    payload: TaskInput.fromObject({
      executionArn: EXECUTION_ARN,
      jobExecutionId: JsonPath.numberAt('$.jobExecutionId'),
      batch: JsonPath.numberAt('$.batch'),
      error: JsonPath.objectAt('$.error'),
    } satisfies Paths<FailBatchEvent>),
    resultPath: JsonPath.DISCARD,
  });
  task.addCatch(record, { errors: ['States.ALL'], resultPath: '$.error' });
  // If this fails too, CompleteExecution records the ids.
  record.addCatch(batchFailed, { errors: ['States.ALL'], resultPath: '$.recording' });
  record.next(batchFailed);
  repeatWhileDeferred(scope, task, {
    result: '$.result',
    choice: STATES.batchDeferred,
    wait: STATES.waitToSynchronize,
    next: done,
  });
  return batches.itemProcessor(task);
}

/** Closes the record of the execution, then fails the execution with the error that was caught. */
function failExecution(scope: Construct, lambdaFunction: IFunction): State {
  const end = new Fail(scope, STATES.executionFailed, {
    errorPath: '$.error.Error',
    causePath: '$.error.Cause',
  });
  const task = invoke(scope, STATES.failExecution, lambdaFunction, {
    payload: TaskInput.fromObject({
      executionArn: EXECUTION_ARN,
      error: JsonPath.objectAt('$.error'),
    } satisfies Paths<FailExecutionEvent>),
    resultPath: JsonPath.DISCARD,
  });
  // If this fails too, the status-change rule closes the record, and the execution still fails with the first error.
  task.addCatch(end, { errors: ['States.ALL'], resultPath: '$.closing' });
  task.next(end);
  return task;
}

interface Repetition {
  /** Path of the result of the task. */
  result: string;
  choice: string;
  wait: string;
  next: IChainable;
}

function repeatWhileDeferred(
  scope: Construct,
  task: LambdaInvoke,
  { result, choice, wait, next }: Repetition,
): void {
  const waiting = new Wait(scope, wait, { time: WaitTime.timestampPath(`${result}.resumeAt`) });
  waiting.next(task);
  task.next(
    new Choice(scope, choice)
      .when(Condition.booleanEquals(`${result}.deferred`, true), waiting)
      .otherwise(next),
  );
}

/**
 * Errors of the Lambda service itself, which are temporary, and of functions that timed out or were killed.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const RETRIED_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  // A function that was killed, under its newer and its older name. What it wrote stays, so that the next attempt has less
  // to do.
  'Runtime.OutOfMemory',
  'Runtime.ExitError',
];

function invoke(
  scope: Construct,
  state: string,
  lambdaFunction: IFunction,
  props: Omit<LambdaInvokeProps, 'lambdaFunction'>,
): LambdaInvoke {
  const task = new LambdaInvoke(scope, state, { lambdaFunction, retryOnServiceExceptions: false, ...props });
  task.addRetry({
    errors: RETRIED_ERRORS,
    interval: Duration.seconds(2),
    maxAttempts: 6,
    backoffRate: 2,
    maxDelay: Duration.minutes(1),
    jitterStrategy: JitterType.FULL,
  });
  // The function has already retried for seconds.
  task.addRetry({
    errors: [...PASSING_ERRORS],
    interval: Duration.seconds(PASSING_RETRY.intervalSeconds),
    maxAttempts: PASSING_RETRY.maxAttempts,
    backoffRate: PASSING_RETRY.backoffRate,
  });
  return task;
}
