import type { WorkflowEvent } from '../contract.ts';
import { webhookDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { createMissingWebhooks } from './steps/create-webhooks.ts';

export const handler = entryPoint(webhookDependencies, (dependencies, event: WorkflowEvent) =>
  createMissingWebhooks(dependencies, event),
);
