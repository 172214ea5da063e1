import type { SynchronizeBatchEvent } from '../contract.ts';
import { webhookDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { synchronize } from './steps/synchronize.ts';

export const handler = entryPoint(webhookDependencies, (dependencies, event: SynchronizeBatchEvent) =>
  synchronize(dependencies, event),
);
