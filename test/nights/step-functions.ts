import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Definition } from '../../local/cloud/definition-lint.ts';
import type { Execution } from '../../local/cloud/execution-store.ts';
import { type Run, runStateMachine, type StopReason } from '../../local/cloud/state-machine-run.ts';
import type { Lambda } from './lambda.ts';
import type { Script } from './script.ts';
import type { Mortal, SimulatedTime } from './simulated-time.ts';
import { answerOf, CLIENT, serviceHandler } from './wire.ts';

/** The executions of one state machine, as the embedded cloud runs them. */
export interface StepFunctions {
  newClient: () => SFNClient;
  /** By ARN. */
  executions: ReadonlyMap<string, Execution>;
  start: (name: string, input: string) => Execution;
  stop: (executionArn: string, reason: StopReason) => void;
  /** Ends the process in which the executions run. They are still RUNNING. */
  die: () => void;
  /** Begins all of them anew that are RUNNING, as the embedded cloud does when it is started again. */
  resume: () => void;
  /** Resolves when no execution is running. */
  allEnded: () => Promise<void>;
}

interface StepFunctionsOptions {
  definition: Definition;
  stateMachineArn: string;
  time: SimulatedTime;
  script: Script;
  lambda: Lambda;
  onEnd: (execution: Execution) => void;
}

const Request = z.object({
  name: z.string().default(''),
  input: z.string().default('{}'),
  executionArn: z.string().default(''),
  error: z.string().optional(),
  cause: z.string().optional(),
});

export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const { stateMachineArn, time, script } = options;
  const executions = new Map<string, Execution>();
  const running = new Map<string, Run>();
  let process: Mortal = { isDead: false };
  const notify: (() => void)[] = [];

  const launch = (execution: Execution): void => {
    const { executionArn } = execution;
    const owner = process;
    void time.as(owner, async () => {
      const run = runStateMachine({ ...silent, ...options, execution, invoke: options.lambda.invoke });
      running.set(executionArn, run);
      const end = await run.end;
      if (!end || owner.isDead) return;
      const ended: Execution = { ...execution, ...end, stopDateMs: time.now().getTime() };
      executions.set(executionArn, ended);
      running.delete(executionArn);
      options.onEnd(ended);
      if (running.size > 0) return;
      for (const resolve of notify.splice(0)) resolve();
    });
  };
  const start = (name: string, input: string): Execution => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const startDateMs = time.now().getTime();
    const status = 'RUNNING' as const;
    const execution: Execution = { executionArn, stateMachineArn, name, status, startDateMs, input };
    executions.set(executionArn, execution);
    launch(execution);
    return execution;
  };
  const stop: StepFunctions['stop'] = (executionArn, reason) => running.get(executionArn)?.stop(reason);

  const service = async (operation: string, body: unknown) => {
    const { name, input, executionArn, error, cause } = Request.parse(body);
    const arn = executionArn || `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = executions.get(arn);
    if (operation === 'StartExecution') {
      const isSame = known?.status === 'RUNNING' && known.input === input;
      if (known && !isSame) return answerOf({ __type: 'ExecutionAlreadyExists', message: name }, 400);
      if (!known) start(name, input);
      return answerOf({ executionArn: arn, startDate: 0 });
    }
    if (!known) return answerOf({ __type: 'ExecutionDoesNotExist', message: arn }, 400);
    if (operation === 'StopExecution') stop(arn, { error, cause });
    const { status } = executions.get(arn) ?? known;
    return answerOf({ executionArn: arn, status, error: known.error, cause: known.cause, stopDate: 0 });
  };
  const requestHandler = serviceHandler({ time, script, callOf: () => 'step functions' }, service);
  return {
    executions,
    start,
    stop,
    newClient: () => new SFNClient({ ...CLIENT, endpoint: 'http://states.invalid', requestHandler }),
    die: () => {
      process.isDead = true;
      for (const run of running.values()) run.close();
      running.clear();
    },
    resume: () => {
      process = { isDead: false };
      for (const execution of executions.values()) if (execution.status === 'RUNNING') launch(execution);
    },
    allEnded: async () => {
      const isRunning = [...executions.values()].some(({ status }) => status === 'RUNNING');
      if (isRunning) await new Promise<void>((resolve) => notify.push(resolve));
    },
  };
}

const silent = {
  onEvent: () => {},
  onCall: () => {},
  warn: (message: string) => {
    throw new Error(message);
  },
};
