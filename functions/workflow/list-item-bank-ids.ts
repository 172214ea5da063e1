import type { WorkflowEvent } from '../contract.ts';
import { listDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { list } from './steps/list.ts';

export const handler = entryPoint(listDependencies, (dependencies, event: WorkflowEvent) =>
  list(dependencies, event),
);
