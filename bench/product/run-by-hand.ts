import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { FunctionProcess, functionProcesses, ProcessFigures } from './function-process.ts';

/** What one function of the workflow took in a run. */
export interface FunctionFigures extends ProcessFigures {
  service: string;
  memoryMb: number;
}

/** A run whose functions were invoked one after another, without the state machine. */
export interface RunByHand {
  functions: FunctionFigures[];
  /** Of the function that synchronizes batches, after the first batches, in which it becomes fast. */
  workerCpuMsPerId: number;
  processed: number;
  failed: number;
}

const Begun = z.object({ jobExecutionId: z.number(), deadline: z.string() });
const Listed = z.object({
  batches: z.array(z.object({ batch: z.number(), count: z.number() })),
  workers: z.number(),
});
const Synchronized = z.object({ processed: z.number(), failedItemBankIds: z.array(z.number()) });
const Anything = z.looseObject({});

/** The compiler and the connections need a few batches. */
const WARM_UP_BATCHES = 5;

/** Invokes the functions of a run in the order of the state machine, each in a process of its own. */
export async function runByHand(
  start: Awaited<ReturnType<typeof functionProcesses>>,
  stateMachine: string,
): Promise<RunByHand> {
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:${stateMachine}:${randomUUID()}`;
  const functions: FunctionFigures[] = [];
  const step = async <Schema extends z.ZodType>(service: string, event: object, schema: Schema) => {
    const process = await start(service);
    try {
      const { result, ...figures } = await process.invoke(event, schema);
      functions.push({ service, memoryMb: process.memoryMb, ...figures });
      return result;
    } finally {
      await process.end();
    }
  };
  const begun = await step('begin-execution', { executionArn }, Begun);
  const event = { executionArn, ...begun };
  const { batches, workers } = await step('list-item-bank-ids', event, Listed);
  const worker = await start('synchronize-batch');
  try {
    const { figures, ...synchronized } = await synchronizeAll(worker, { ...event, workers }, batches);
    functions.push({ service: 'synchronize-batch', memoryMb: worker.memoryMb, ...figures });
    for (const service of ['create-webhooks', 'remove-deleted-items', 'complete-execution']) {
      await step(service, event, Anything);
    }
    return { functions, ...synchronized };
  } finally {
    await worker.end();
  }
}

async function synchronizeAll(
  worker: FunctionProcess,
  event: object,
  batches: z.output<typeof Listed>['batches'],
): Promise<Omit<RunByHand, 'functions'> & { figures: ProcessFigures }> {
  const sum = { seconds: 0, invocations: 0, cpuMs: 0, processed: 0, failed: 0, warmIds: 0, warmCpuMs: 0 };
  const peak = { peakBytes: 0, runtimeBytes: 0 };
  for (const [index, { batch, count }] of batches.entries()) {
    const { result, ...figures } = await worker.invoke({ ...event, batch }, Synchronized);
    sum.seconds += figures.seconds;
    sum.invocations += figures.invocations;
    sum.cpuMs += figures.cpuMs;
    sum.processed += result.processed;
    sum.failed += result.failedItemBankIds.length;
    if (index >= WARM_UP_BATCHES) {
      sum.warmIds += count;
      sum.warmCpuMs += figures.cpuMs;
    }
    peak.peakBytes = figures.peakBytes;
    peak.runtimeBytes = figures.runtimeBytes;
  }
  const { processed, failed, warmIds, warmCpuMs, ...used } = sum;
  return {
    figures: { ...used, ...peak },
    workerCpuMsPerId: warmIds > 0 ? warmCpuMs / warmIds : used.cpuMs / Math.max(1, processed),
    processed,
    failed,
  };
}
