import type { WorkflowEvent } from '../contract.ts';
import { removalDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { removeDeletedItems } from './steps/remove-deleted-items.ts';

export const handler = entryPoint(removalDependencies, (dependencies, event: WorkflowEvent) =>
  removeDeletedItems(dependencies, event),
);
