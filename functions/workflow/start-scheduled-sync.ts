import type { ScheduledEvent } from 'aws-lambda';
import { startDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { startBySchedule } from './steps/start-by-schedule.ts';

export const handler = entryPoint(startDependencies, (dependencies, event: ScheduledEvent) =>
  startBySchedule(dependencies, event),
);
