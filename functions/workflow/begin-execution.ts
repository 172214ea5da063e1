import type { BeginExecutionEvent } from '../contract.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { beginDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { begin } from './steps/begin.ts';

export const handler = entryPoint(beginDependencies, (dependencies, event: BeginExecutionEvent) => {
  const findEnding = findEndingBy(dependencies.stepFunctions, dependencies.now);
  return begin({ ...dependencies, findEnding }, event);
});
