import type { FailExecutionEvent } from '../contract.ts';
import { recordDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { fail } from './steps/finish.ts';

export const handler = entryPoint(recordDependencies, (dependencies, event: FailExecutionEvent) =>
  fail(dependencies, event),
);
