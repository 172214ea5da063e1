import type { WorkflowEvent } from '../contract.ts';
import { recordDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { complete } from './steps/finish.ts';

export const handler = entryPoint(recordDependencies, (dependencies, event: WorkflowEvent) =>
  complete(dependencies, event),
);
