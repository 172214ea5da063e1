import { statSync } from 'node:fs';
import path from 'node:path';
import { AwsError, isTooDeep, MAX_JSON_LEVELS } from './aws-service.ts';
import { type Definition, parseDefinition } from './definition-lint.ts';
import { historyWriter, readHistory } from './execution-history.ts';
import { type Execution, type ExecutionStore, openExecutionStore } from './execution-store.ts';
import type { HistoryEvent } from './history-events.ts';
import type { Lambda } from './lambda.ts';
import type { Logs } from './logs.ts';
import type { StackResource } from './stack.ts';
import { type Run, runStateMachine, type StopReason } from './state-machine-run.ts';

type StateMachineResource = StackResource<'AWS::StepFunctions::StateMachine'>;

export interface MachineOptions {
  stateFolder: string;
  lambda: Lambda;
  logs: Logs;
  /** Receives the detail of a 'Step Functions Execution Status Change' event. */
  publish: (detail: ExecutionDetail) => void;
  /** Called before an execution starts for the first time. */
  beforeExecution?: (() => void) | undefined;
  warn: (message: string) => void;
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html */
interface ExecutionDetail {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: string;
  startDate: number;
  stopDate: number | null;
  input: string;
  output: string | null;
  inputDetails: { included: true };
  outputDetails: { included: true } | null;
  error: string | null;
  cause: string | null;
}

const executionArnOf = (machineArn: string, name: string) =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

export interface Machine {
  resource: StateMachineResource;
  createdMs: number;
  /** ARNs of the executions that were running when the last cloud stopped. They run only after `resume()`. */
  interrupted: readonly string[];
  resume(): void;
  start(name: string, input: string): Promise<Execution>;
  find(name: string): Promise<Execution | undefined>;
  list(): Promise<Execution[]>;
  history(name: string): Iterable<HistoryEvent>;
  stop(execution: Execution, reason: StopReason): Promise<Execution>;
  close(): Promise<void>;
}

/** An execution that has been accepted and has not ended. */
interface Active {
  execution: Execution;
  accepted: Promise<void>;
  run?: Run;
  ended?: Promise<Execution>;
}

export async function startMachine(
  resource: StateMachineResource,
  options: MachineOptions,
): Promise<Machine> {
  const definition = parseDefinition(resource.properties.DefinitionString);
  const folder = path.join(options.stateFolder, 'executions', resource.name);
  const store = openExecutionStore(folder);
  const active = new Map<string, Active>();
  const begin = (started: Active) => launch(started, { ...options, resource, definition, store, active });

  const interrupted = (await store.readRunning()).map(
    (execution): Active => ({ execution, accepted: Promise.resolve() }),
  );
  for (const known of interrupted) active.set(known.execution.name, known);
  return {
    resource,
    createdMs: statSync(folder).birthtimeMs,
    interrupted: interrupted.map(({ execution }) => execution.executionArn),
    resume: () => {
      const waiting = interrupted.filter(({ run }) => run === undefined);
      waiting.forEach(begin);
    },
    start: async (name, input) => {
      checkStart(name, input);
      // Nothing is awaited between this lookup and active.set(), so two starts cannot get the same name.
      const known = active.get(name);
      if (known !== undefined) {
        await known.accepted;
        if (known.execution.input === input) return known.execution;
      }
      if (known !== undefined || store.hasEnded(name)) {
        const arn = executionArnOf(resource.arn, name);
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      options.beforeExecution?.();
      const started = accept(resource, { name, input, store, begin });
      active.set(name, started);
      await started.accepted.catch((error) => {
        active.delete(name);
        throw error;
      });
      options.publish(toDetail(started.execution));
      return started.execution;
    },
    find: async (name) => active.get(name)?.execution ?? (isName(name) ? store.findEnded(name) : undefined),
    list: async () => {
      // Running ones first: an execution that ends meanwhile is in both lists, and its ended version must win.
      const running = [...active.values()].map(({ execution }) => execution);
      const known = [...running, ...(await store.readEnded())];
      return [...new Map(known.map((execution) => [execution.name, execution])).values()];
    },
    history: (name) => readHistory(store.historyFile(name)),
    stop: async (execution, reason) => {
      const running = active.get(execution.name);
      await running?.accepted;
      // A held execution is started first, so that its history is complete. Its first task is not invoked.
      if (running !== undefined && running.run === undefined) begin(running);
      running?.run?.stop(reason);
      return (await running?.ended) ?? execution;
    },
    close: async () => {
      for (const { run } of active.values()) run?.close();
      await Promise.all([...active.values()].map(({ ended }) => ended));
    },
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const isName = (name: string) =>
  name.length >= 1 && name.length <= 80 && !/[\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]/u.test(name);

function checkStart(name: string, input: string): void {
  if (!isName(name)) {
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
  }
  const invalid = (why: string) =>
    new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch (error) {
    throw invalid(String(error));
  }
  if (isTooDeep(value)) throw invalid(`nested more than ${MAX_JSON_LEVELS} levels deep`);
}

interface Acceptance {
  name: string;
  input: string;
  store: ExecutionStore;
  begin: (started: Active) => void;
}

function accept({ arn }: StateMachineResource, { name, input, store, begin }: Acceptance): Active {
  const execution: Execution = {
    executionArn: executionArnOf(arn, name),
    stateMachineArn: arn,
    name,
    status: 'RUNNING',
    startDateMs: Date.now(),
    input,
  };
  const started: Active = { execution, accepted: store.save(execution).then(() => begin(started)) };
  return started;
}

interface Launch extends MachineOptions {
  resource: StateMachineResource;
  definition: Definition;
  store: ExecutionStore;
  active: Map<string, Active>;
}

function launch(
  started: Active,
  { resource, definition, store, active, lambda, logs, publish, warn }: Launch,
): void {
  const { execution } = started;
  const history = historyWriter(execution, {
    definition,
    logging: resource.properties.LoggingConfiguration,
    logs,
    file: store.historyFile(execution.name),
  });
  const run = runStateMachine({
    definition,
    execution,
    invoke: lambda.invoke,
    onEvent: history.write,
    onCall: history.call,
    warn,
  });
  started.run = run;
  started.ended = run.end
    .then(async (end) => {
      if (end === undefined) {
        history.close();
        return execution;
      }
      const ended: Execution = { ...execution, ...end, stopDateMs: Date.now() };
      await store.save(ended);
      active.delete(execution.name);
      history.end(ended);
      publish(toDetail(ended));
      return ended;
    })
    .catch((error) => {
      warn(`${execution.executionArn} ended, but its end could not be saved: ${error}`);
      return execution;
    });
}

function toDetail(execution: Execution): ExecutionDetail {
  const { executionArn, stateMachineArn, name, status, input } = execution;
  return {
    executionArn,
    stateMachineArn,
    name,
    status,
    startDate: execution.startDateMs,
    stopDate: execution.stopDateMs ?? null,
    input,
    output: execution.output ?? null,
    inputDetails: { included: true },
    outputDetails: execution.output === undefined ? null : { included: true },
    error: execution.error ?? null,
    cause: execution.cause ?? null,
  };
}
