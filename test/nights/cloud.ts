import type { FunctionName } from '../../functions/shared/contract/functions.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import type { RunOptions } from '../../functions/shared/contract/job-execution.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import type { Execution } from '../../local/cloud/execution-store.ts';
import type { InvocationResult } from '../../local/cloud/lambda-sandbox.ts';
import { readStateMachine } from '../support/state-machine.ts';
import { createEventBus, type EventBus } from './event-bus.ts';
import { type Surroundings, startersOf } from './functions.ts';
import { createLambda, type FunctionDefinition, invokeLater, type Lambda } from './lambda.ts';
import type { Mortal } from './simulated-time.ts';
import { createStepFunctions, type StepFunctions } from './step-functions.ts';

const nameOf = resourceNames('test').function;

let machine: ReturnType<typeof readStateMachine> | undefined;

/** The deployed state machine, which takes a second to synthesize. */
export function stateMachine(): NonNullable<typeof machine> {
  machine ??= readStateMachine();
  return machine;
}

/** The product in this process, in simulated time. */
export interface SimulatedCloud {
  lambda: Lambda;
  stepFunctions: StepFunctions;
  eventBus: EventBus;
  startByApi: (options: RunOptions) => Promise<InvocationResult>;
  /** EventBridge delivers the event of a scheduled minute at least once. */
  startBySchedule: (minute: Date) => Promise<void>;
  startInConsole: () => void;
  synchronizeItem: (id: ItemBankId) => Promise<InvocationResult>;
  /** Does work that does not die with its caller, and for which nobody waits. */
  inBackground: (work: () => Promise<unknown>) => void;
  /** Kills every invocation and the process in which executions run, and starts it again so much later. */
  die: (minutes: number) => void;
}

export function startCloud(
  parts: Omit<Surroundings, 'eventBus' | 'stateMachineArn' | 'stepFunctions'>,
): SimulatedCloud {
  const { definition, stateMachineArn, timeouts } = stateMachine();
  const { time, script } = parts;
  const eventBus = createEventBus(time, script);
  const surroundings = { ...parts, eventBus, stateMachineArn, stepFunctions: () => stepFunctions };
  const functions = new Map<string, FunctionDefinition>();
  for (const [name, start] of Object.entries(startersOf(surroundings))) {
    const functionName = nameOf(name as FunctionName);
    functions.set(functionName, { timeoutMs: timeouts.get(functionName) ?? 0, start });
  }
  const lambda = createLambda({ time, script }, functions);
  const world: Mortal = { isDead: false };
  const inBackground = (work: () => Promise<unknown>): void => void time.as(world, work);
  const onEnd = (execution: Execution): void => {
    if (execution.status === 'SUCCEEDED') return;
    const name = nameOf('close-execution');
    inBackground(() => invokeLater(lambda, time, { name, event: { detail: execution } }));
  };
  const stepFunctions = createStepFunctions({
    ...{ definition, stateMachineArn, time, script, lambda, onEnd },
  });
  let consoleStarts = 0;
  return {
    lambda,
    stepFunctions,
    eventBus,
    inBackground,
    startByApi: (options) =>
      lambda.invoke(nameOf('start-sync'), {
        body: JSON.stringify(options),
        headers: {},
        requestContext: { authorizer: { lambda: { subject: 'alice' } } },
      }),
    startBySchedule: (minute) => {
      const event = { time: minute.toISOString(), resources: ['the-schedule'] };
      return invokeLater(lambda, time, { name: nameOf('start-scheduled-sync'), event });
    },
    startInConsole: () => {
      consoleStarts += 1;
      stepFunctions.start(`console-${consoleStarts}`, '{}');
    },
    synchronizeItem: (id) =>
      lambda.invoke(nameOf('sync-item'), { pathParameters: { itemBankId: String(id) }, headers: {} }),
    die: (minutes) => {
      lambda.killAll();
      stepFunctions.die();
      inBackground(async () => {
        await time.sleep(minutes * 60_000);
        stepFunctions.resume();
      });
    },
  };
}
