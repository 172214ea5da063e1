import type { AwsService } from './aws-service.ts';
import type { StackResource } from './stack.ts';
import { type Machine, type MachineOptions, startMachine } from './state-machine.ts';
import { stepFunctionsService } from './step-functions-service.ts';

export interface StepFunctionsOptions extends MachineOptions {
  stateMachines: readonly StackResource<'AWS::StepFunctions::StateMachine'>[];
}

export interface StepFunctions {
  service: AwsService;
  /** ARNs of the executions that were running when the last cloud stopped. */
  interrupted: readonly string[];
  /** Restarts the interrupted executions that have not been stopped. */
  resume(): void;
  /** Stops running executions without ending them, so that they restart with the next cloud. */
  close(): Promise<void>;
}

/** Loads the executions that were running. They run only after `resume()`, because their tasks may call this service. */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctions> {
  const machines = new Map<string, Machine>();
  for (const resource of options.stateMachines)
    machines.set(resource.arn, await startMachine(resource, options));
  return {
    interrupted: [...machines.values()].flatMap(({ interrupted }) => interrupted),
    service: stepFunctionsService(machines),
    resume: () => {
      for (const machine of machines.values()) machine.resume();
    },
    close: async () => {
      await Promise.all([...machines.values()].map((machine) => machine.close()));
    },
  };
}
