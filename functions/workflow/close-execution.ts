import type { EventBridgeEvent } from 'aws-lambda';
import { recordDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { closeEnded, type ExecutionEnded } from './steps/finish.ts';

type StatusChange = EventBridgeEvent<'Step Functions Execution Status Change', ExecutionEnded>;

export const handler = entryPoint(recordDependencies, (dependencies, { detail }: StatusChange) =>
  closeEnded(dependencies, detail),
);
