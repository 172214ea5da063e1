import { join } from 'node:path';
import * as z from 'zod';
import { functionsOf } from '../../local/cloud/blueprint.ts';
import { readStack } from '../../local/cloud/stack.ts';
import { readAssembly } from '../../local/cloud/template.ts';
import { startChild } from '../processes/child.ts';
import type { Installation } from './installation.ts';

/** What one invocation of a function, with its repetitions after deferrals, took in a process of its own. */
export interface ProcessFigures {
  seconds: number;
  invocations: number;
  /** CPU time of all threads of the process. */
  cpuMs: number;
  /** The largest resident set size of the process since its start. */
  peakBytes: number;
  /** The resident set size of the process before it imported the function. */
  runtimeBytes: number;
}

/** A function in a process of its own. Like in Lambda, several invocations share what it keeps in memory. */
export interface FunctionProcess {
  memoryMb: number;
  invoke: <Schema extends z.ZodType>(
    event: object,
    schema: Schema,
  ) => Promise<ProcessFigures & { result: z.output<Schema> }>;
  end: () => Promise<void>;
}

const Invoked = z.object({
  result: z.looseObject({}),
  seconds: z.number(),
  invocations: z.number(),
  cpuMs: z.number(),
  peakBytes: z.number(),
  runtimeBytes: z.number(),
});

/**
 * Starts the bundles of an installation's functions, each in a process of its own, as Lambda does. The embedded cloud
 * runs them in threads of one process, whose memory cannot be told apart.
 * @returns a function that starts the process of a function, by the `service` of its log lines.
 */
export async function functionProcesses(assemblyFolder: string, { awsEndpoint, apiEndpoint }: Installation) {
  const assembly = await readAssembly(assemblyFolder);
  const functions = functionsOf(readStack(assembly, { api: apiEndpoint, aws: awsEndpoint }), {
    assembly,
    environment: { AWS_ENDPOINT_URL: awsEndpoint },
  });
  return async (service: string): Promise<FunctionProcess> => {
    const fn = functions.find(({ config }) => config.environment['POWERTOOLS_SERVICE_NAME'] === service);
    if (!fn) throw new Error(`the stack has no function ${service}`);
    const { memoryMb, timeoutMs, environment } = fn.config;
    const child = await startChild('function-process.ts', {
      options: { file: join(fn.assetFolder, 'index.mjs'), timeoutMs },
      environment: { ...environment, ...AWS_VARIABLES },
      nodeOptions: heapOf(memoryMb),
      started: z.object({}),
    });
    return {
      memoryMb,
      invoke: async (event, schema) => {
        const { result, ...figures } = await child.ask('invoke', Invoked, event);
        return { ...figures, result: schema.parse(result) };
      },
      end: child.end,
    };
  };
}

const AWS_VARIABLES = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // That one item fails is part of the plan.
  POWERTOOLS_LOG_LEVEL: 'ERROR',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

/** Lambda's Node.js runtime gives the young generation a tenth of the memory, and the old one the rest. */
function heapOf(memoryMb: number): string[] {
  const young = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMb - young}`];
}
