import type { Execution } from './execution-store.ts';
import type { Logs } from './logs.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { RunEvent } from './state-machine-run.ts';

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

/** Writes the history of one execution as Step Functions logs it, without payloads unless they are asked for. */
export function historyWriter(execution: Execution, logging: Logging, logs: Logs) {
  const groups = logging.Destinations.map(({ CloudWatchLogsLogGroup }) =>
    CloudWatchLogsLogGroup.LogGroupArn.replace(/^.*:log-group:([^:]+).*$/, '$1'),
  );
  const logStreamName = `states/${execution.stateMachineArn.split(':').at(-1)}/${execution.name}`;
  let id = 0;
  const append = (type: string, timestamp: number, details: object) => {
    id += 1;
    if (!LEVELS[logging.Level].test(type)) return;
    const line = {
      id: String(id),
      type,
      details,
      previous_event_id: String(id - 1),
      event_timestamp: String(timestamp),
      execution_arn: execution.executionArn,
    };
    for (const group of groups)
      logs.append(group, { timestamp, message: JSON.stringify(line), logStreamName });
  };
  const payload = (data: object) => (logging.IncludeExecutionData ? data : {});
  append(STATUS_EVENTS.RUNNING, Date.now(), payload({ input: execution.input }));
  return {
    write: ({ type, timestamp, state, index, Error: error, Cause: cause }: RunEvent): void => {
      const details = { ...(state && { name: state.name }), ...(index !== undefined && { index }) };
      if (state === undefined) {
        if (type.startsWith('MapIteration')) append(type, timestamp, details);
      } else if (type === 'StateEntered') {
        append(`${state.type}StateEntered`, timestamp, { ...details, ...payload({ input: state.input }) });
      } else if (type === 'StateExited') {
        append(`${state.type}StateExited`, timestamp, { ...details, ...payload({ output: state.output }) });
      } else if (type === 'StateFailed' && state.type === 'Task') {
        append('TaskFailed', timestamp, { ...details, error, ...payload({ cause }) });
      }
    },
    end: ({ status, output, error, cause, stopDateMs = 0 }: Execution): void =>
      append(STATUS_EVENTS[status], stopDateMs, { error, ...payload({ output, cause }) }),
  };
}
