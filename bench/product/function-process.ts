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
  /** The largest resident set size of the process, from its start to its end. */
  peakBytes: number;
}

const Invoked = z.object({
  result: z.looseObject({}),
  seconds: z.number(),
  invocations: z.number(),
  peakBytes: z.number(),
});

/**
 * Invokes the bundles of an installation's functions, each in a process of its own, as Lambda does. The embedded cloud
 * runs them in threads of one process, whose memory cannot be told apart.
 */
export async function functionProcesses(assemblyFolder: string, { awsEndpoint, apiEndpoint }: Installation) {
  const assembly = await readAssembly(assemblyFolder);
  const functions = functionsOf(readStack(assembly, { api: apiEndpoint, aws: awsEndpoint }), {
    assembly,
    environment: { AWS_ENDPOINT_URL: awsEndpoint },
  });
  return async <Schema extends z.ZodType>(
    service: string,
    event: object,
    schema: Schema,
  ): Promise<ProcessFigures & { result: z.output<Schema> }> => {
    const fn = functions.find(({ config }) => config.environment['POWERTOOLS_SERVICE_NAME'] === service);
    if (!fn) throw new Error(`the stack has no function ${service}`);
    const { memoryMb, timeoutMs, environment } = fn.config;
    const child = await startChild('function-process.ts', {
      options: { file: join(fn.assetFolder, 'index.mjs'), event, timeoutMs },
      environment: { ...environment, ...AWS_VARIABLES },
      nodeOptions: heapOf(memoryMb),
      started: z.object({}),
    });
    try {
      const { result, ...figures } = await child.ask('invoke', Invoked);
      return { ...figures, result: schema.parse(result) };
    } finally {
      await child.end();
    }
  };
}

const AWS_VARIABLES = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // That one item fails is part of the plan.
  POWERTOOLS_LOG_LEVEL: 'ERROR',
};

/** Lambda's Node.js runtime gives the young generation a tenth of the memory, and the old one the rest. */
function heapOf(memoryMb: number): string[] {
  const young = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMb - young}`];
}
