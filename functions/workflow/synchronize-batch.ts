import type { SynchronizeBatchEvent } from '../contract.ts';
import { synchronizeDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { synchronize } from './steps/synchronize.ts';

export const handler = entryPoint(synchronizeDependencies, (dependencies, event: SynchronizeBatchEvent) =>
  synchronize(dependencies, event),
);
