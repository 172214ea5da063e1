import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { AwsError, type AwsService } from './aws-endpoint.ts';
import { type Definition, parseDefinition } from './definition-lint.ts';
import { historyWriter } from './execution-history.ts';
import { type Execution, type ExecutionStore, openExecutionStore } from './execution-store.ts';
import type { Lambda } from './lambda.ts';
import type { Logs } from './logs.ts';
import type { StackResource } from './stack.ts';
import { PAYLOAD_LIMIT_BYTES, type Run, runStateMachine, type StopReason } from './state-machine-run.ts';

type StateMachineResource = StackResource<'AWS::StepFunctions::StateMachine'>;

export interface StepFunctionsOptions {
  stateFolder: string;
  stateMachines: readonly StateMachineResource[];
  lambda: Lambda;
  logs: Logs;
  /** Receives the detail of a 'Step Functions Execution Status Change' event. */
  publish: (detail: ExecutionDetail) => void;
  warn: (message: string) => void;
}

export interface StepFunctions {
  service: AwsService;
  /** Starts again every execution that was running when the last cloud stopped. */
  resume(): void;
  /** Stops running executions without ending them: they start again with the next cloud. */
  close(): Promise<void>;
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

/** Knows, but does not run yet, what was running when the last cloud stopped: its tasks may call this service. */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const machines = new Map<string, Machine>();
  for (const resource of options.stateMachines)
    machines.set(resource.arn, await startMachine(resource, options));
  const machineOf = (arn: string) => {
    const machine = machines.get(arn);
    if (machine === undefined)
      throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  };
  const ofExecution = (executionArn: string) => {
    const [, stateMachine, name] = /^(.*):([^:]+)$/.exec(executionArn) ?? [];
    const machine = machines.get(stateMachine?.replace(':execution:', ':stateMachine:') ?? '');
    if (machine === undefined || name === undefined) throw executionDoesNotExist(executionArn);
    return { machine, name };
  };
  return {
    service: {
      target: 'AWSStepFunctions',
      protocol: 'application/x-amz-json-1.0',
      operations: {
        StartExecution: async (input) => {
          const { stateMachineArn, name, input: text } = parseInput(startInput, input);
          const execution = await machineOf(stateMachineArn).start(name ?? randomUUID(), text);
          return { executionArn: execution.executionArn, startDate: execution.startDateMs / 1000 };
        },
        DescribeExecution: async (input) => {
          const { executionArn } = parseInput(describeInput, input);
          const { machine, name } = ofExecution(executionArn);
          return describe(await machine.find(name, executionArn));
        },
        StopExecution: async (input) => {
          const { executionArn, ...reason } = parseInput(stopInput, input);
          const { machine, name } = ofExecution(executionArn);
          const { stopDateMs = 0 } = await machine.stop(await machine.find(name, executionArn), reason);
          return { stopDate: stopDateMs / 1000 };
        },
      },
    },
    resume: () => {
      for (const machine of machines.values()) machine.resume();
    },
    close: async () => {
      await Promise.all([...machines.values()].map((machine) => machine.close()));
    },
  };
}

const startInput = z.object({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().max(PAYLOAD_LIMIT_BYTES).default('{}'),
});
const describeInput = z.object({ executionArn: z.string() });
const stopInput = describeInput.extend({ error: z.string().optional(), cause: z.string().optional() });

function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AwsError('ValidationException', z.prettifyError(parsed.error));
  return parsed.data;
}

const executionArnOf = (stateMachineArn: string, name: string) =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

const executionAlreadyExists = (stateMachineArn: string, name: string) =>
  new AwsError(
    'ExecutionAlreadyExists',
    `Execution Already Exists: '${executionArnOf(stateMachineArn, name)}'`,
  );

const executionDoesNotExist = (arn: string) =>
  new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

interface Machine {
  resume(): void;
  start(name: string, input: string): Promise<Execution>;
  find(name: string, executionArn: string): Promise<Execution>;
  stop(execution: Execution, reason: StopReason): Promise<Execution>;
  close(): Promise<void>;
}

/** An execution from its acceptance to its end. */
interface Active {
  execution: Execution;
  accepted: Promise<void>;
  run?: Run;
  ended?: Promise<Execution>;
}

async function startMachine(resource: StateMachineResource, options: StepFunctionsOptions): Promise<Machine> {
  const definition = parseDefinition(resource.properties.DefinitionString);
  const store = openExecutionStore(path.join(options.stateFolder, 'executions', resource.name));
  const active = new Map<string, Active>();
  const begin = (started: Active) => launch(started, { ...options, resource, definition, store, active });

  const interrupted = (await store.readRunning()).map(
    (execution): Active => ({ execution, accepted: Promise.resolve() }),
  );
  for (const known of interrupted) active.set(known.execution.name, known);
  return {
    resume: () => interrupted.forEach(begin),
    start: async (name, input) => {
      checkStart(name, input);
      // Nothing is awaited between the look and the entry, so a name is given once.
      const known = active.get(name);
      if (known !== undefined) {
        await known.accepted;
        if (known.execution.input === input) return known.execution;
      }
      if (known !== undefined || store.hasEnded(name)) throw executionAlreadyExists(resource.arn, name);
      const started = accept(resource, { name, input, store, begin });
      active.set(name, started);
      await started.accepted.catch((error) => {
        active.delete(name);
        throw error;
      });
      options.publish(toDetail(started.execution));
      return started.execution;
    },
    find: async (name, executionArn) => {
      const execution = active.get(name)?.execution ?? (await store.findEnded(name));
      if (execution === undefined) throw executionDoesNotExist(executionArn);
      return execution;
    },
    stop: async (execution, reason) => {
      const running = active.get(execution.name);
      await running?.accepted;
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
function checkStart(name: string, input: string): void {
  if (name.length < 1 || name.length > 80 || /[\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]/u.test(name)) {
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${String(error)}'`);
  }
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

interface Launch extends StepFunctionsOptions {
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
  const history = historyWriter(execution, resource.properties.LoggingConfiguration, logs);
  const run = runStateMachine({ definition, execution, invoke: lambda.invoke, onEvent: history.write, warn });
  started.run = run;
  started.ended = run.end
    .then(async (end) => {
      if (end === undefined) return execution;
      const ended: Execution = { ...execution, ...end, stopDateMs: Date.now() };
      await store.save(ended);
      active.delete(execution.name);
      history.end(ended);
      publish(toDetail(ended));
      return ended;
    })
    .catch((error) => {
      warn(`${execution.executionArn} ended, and that could not be kept: ${error}`);
      return execution;
    });
}

function describe({ startDateMs, stopDateMs, ...execution }: Execution): object {
  return {
    ...execution,
    startDate: startDateMs / 1000,
    ...(stopDateMs !== undefined && { stopDate: stopDateMs / 1000 }),
    inputDetails: { included: true },
    ...(execution.output !== undefined && { outputDetails: { included: true } }),
  };
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
