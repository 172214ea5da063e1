import { sharedWaits } from '../executions/github-waits.ts';
import { GITHUB_SETTINGS, gitHubConnector } from '../github/connect.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { WebhookScope } from '../shared/contract/environment.ts';
import type { DeferrableResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import { deferralOf } from '../shared/deferral.ts';
import { entryPoint } from '../shared/middleware.ts';
import { runStep, type Step } from '../synchronization/run-step.ts';
import { type ReconcileDependencies, reconcileRepositoryWebhooks } from '../webhooks/repositories.ts';
import { reconcileSharedWebhook, recordUncheckedSharedWebhook } from '../webhooks/shared-webhook.ts';

export type CreateWebhooksDependencies = Omit<ReconcileDependencies, 'stop' | 'isStopRequested'> & {
  webhookScope: WebhookScope;
};

/**
 * Creates the webhooks that were found missing and repairs those that were found different. With a webhook of the
 * organization or of the App, checks that one first. Webhooks that cannot be written before the deadline stay as they were found, and
 * are counted so.
 */
export function createWebhooks(
  dependencies: CreateWebhooksDependencies,
  event: WorkflowEvent,
): Promise<DeferrableResult> {
  const { webhookScope: scope } = dependencies;
  const reconcile = async (step: Step) => {
    const { connect, stop, isStopRequested } = step;
    const context = { ...dependencies, connect, stop, isStopRequested };
    const run = { ...step.options, jobExecutionId: step.jobExecutionId };
    if (scope !== 'repository') return reconcileSharedWebhook(context, { ...run, scope });
    return step.options.dryRun ? undefined : reconcileRepositoryWebhooks(context, run);
  };
  return runStep(dependencies, event, {
    stopped: {},
    work: async (step) => ({ deferral: await reconcile(step).catch(deferralOf) }),
    ...(scope !== 'repository' && {
      onDeadline: ({ options, jobExecutionId, stop, isStopRequested }, deferral) =>
        recordUncheckedSharedWebhook(
          { ...dependencies, stop, isStopRequested },
          { ...options, jobExecutionId, scope },
          deferral,
        ),
    }),
  });
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [
    'jobExecutionsTable',
    'itemsTable',
    ...GITHUB_SETTINGS,
    'webhookScope',
    'projectWebhookUrl',
  ]);
  const executionsTable = createTable(config.jobExecutionsTable);
  return {
    executionsTable,
    itemsTable: createTable(config.itemsTable),
    organization: config.githubOrganization,
    projectWebhookUrl: config.projectWebhookUrl,
    webhookScope: config.webhookScope,
    connect: gitHubConnector(config, { sharedWaits: sharedWaits(executionsTable) }),
  };
}, createWebhooks);
