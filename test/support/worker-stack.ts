import { inject } from 'vitest';
import type { SynthesizedStack } from './assembly.ts';

/** The stack of the worker that runs this test. Vitest numbers its workers from 1. */
export function workerStack(): SynthesizedStack {
  const stack = inject('stacks')[Number(process.env['VITEST_POOL_ID']) - 1];
  if (!stack) throw new Error(`no stack was synthesized for worker ${process.env['VITEST_POOL_ID']}`);
  return stack;
}

export function workerPort(name: 'AWS' | 'API' | 'IDENTITY' | 'GITHUB'): number {
  return Number(workerStack().environment[`LOCAL_${name}_PORT`]);
}
