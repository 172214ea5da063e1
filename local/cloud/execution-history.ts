import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { readLines } from '../file-reading.ts';
import type { Definition } from './definition-lint.ts';
import type { Execution } from './execution-store.ts';
import { HistoryComposer } from './history-composer.ts';
import { type HistoryEvent, payload } from './history-events.ts';
import type { Logs } from './logs.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { RunEvent, TaskCall } from './state-machine-run.ts';
import { ROLE_ARN } from './template.ts';

type Logging = PropertiesOf<'AWS::StepFunctions::StateMachine'>['LoggingConfiguration'];

const STATUS_EVENTS = {
  RUNNING: 'ExecutionStarted',
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

const LEVELS = {
  ALL: /./,
  ERROR: /Failed|TimedOut|Aborted/,
  FATAL: /^Execution(Failed|TimedOut|Aborted)$/,
  OFF: /(?!)/,
};

export interface HistoryOptions {
  definition: Definition;
  logging: Logging;
  logs: Logs;
  /** Stores the history for GetExecutionHistory. */
  file: string;
}

export interface HistoryWriter {
  call(call: TaskCall): void;
  write(event: RunEvent): void;
  end(ended: Execution): void;
  /** For an execution that has not ended, and restarts with the next cloud. */
  close(): void;
}

/** Starts the history of an execution. Stores its events, and logs them according to the logging configuration. */
export function historyWriter(execution: Execution, options: HistoryOptions): HistoryWriter {
  mkdirSync(path.dirname(options.file), { recursive: true });
  const descriptor = openSync(options.file, 'w');
  const log = logWriter(execution, options);
  const composer = new HistoryComposer(options.definition, (event) => {
    writeSync(descriptor, `${JSON.stringify(event)}\n`);
    log(event);
  });
  composer.start({ ...payload('input', execution.input), roleArn: ROLE_ARN }, Date.now());
  return {
    call: (call) => composer.call(call),
    write: (event) => composer.write(event),
    end: (ended) => {
      const { status, output, error, cause, stopDateMs: timestamp = 0 } = ended;
      const details = status === 'SUCCEEDED' ? payload('output', output) : { error, cause };
      composer.end({ type: STATUS_EVENTS[status], timestamp, details });
      closeSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

function logWriter(execution: Execution, { logging, logs }: HistoryOptions): (event: HistoryEvent) => void {
  const groups = logging.Destinations.map(({ CloudWatchLogsLogGroup }) =>
    CloudWatchLogsLogGroup.LogGroupArn.replace(/^.*:log-group:([^:]+).*$/, '$1'),
  );
  const logStreamName = `states/${execution.stateMachineArn.split(':').at(-1)}/${execution.name}`;
  return ({ id, previousEventId, type, timestamp, details }) => {
    if (!LEVELS[logging.Level].test(type)) return;
    const line = {
      id: String(id),
      type,
      details: withData(details ?? {}, logging.IncludeExecutionData),
      previous_event_id: String(previousEventId),
      event_timestamp: String(timestamp),
      execution_arn: execution.executionArn,
      redrive_count: '0',
    };
    for (const group of groups)
      logs.append(group, { timestamp, message: JSON.stringify(line), logStreamName });
  };
}

const DATA = ['input', 'inputDetails', 'output', 'outputDetails', 'parameters'];

function withData(details: Record<string, unknown>, isIncluded: boolean): Record<string, unknown> {
  if (isIncluded) return details;
  return Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.includes(name)));
}

/** Every event so far. None for an execution of an earlier release, which stored no history. */
export function* readHistory(file: string): Generator<HistoryEvent> {
  if (!existsSync(file)) return;
  for (const { text } of readLines(file)) yield JSON.parse(text);
}

/** Formats an event for GetExecutionHistory, where each type of event has its own field for details. */
export function toWire(
  { id, previousEventId, type, timestamp, details }: HistoryEvent,
  includeData: boolean,
): object {
  const kind = /State(Entered|Exited)$/.exec(type)?.[0] ?? type;
  const field = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}EventDetails`;
  return {
    timestamp: timestamp / 1000,
    type,
    id,
    previousEventId,
    ...(details !== undefined && { [field]: withData(details, includeData) }),
  };
}
