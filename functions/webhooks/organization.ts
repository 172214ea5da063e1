import type { Failure, RunOptions } from '../shared/contract/job-execution.ts';
import type { OrganizationWebhook } from '../shared/contract/webhooks.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { checkWebhook, knownAfterCheck, type WebhookContext } from './check-webhook.ts';
import { reconcile } from './reconcile.ts';
import type { ReconcileDependencies } from './repositories.ts';
import * as webhookLog from './webhook-log.ts';
import {
  isOpen,
  readKnownWebhook,
  readOrganizationWebhook,
  recordOrganizationWebhook,
  rememberOrganizationWebhook,
} from './webhook-rows.ts';
import { organizationWebhooks } from './webhook-target.ts';
import { openWriteAllowance } from './write-allowance.ts';

type OrganizationRun = Pick<WorkflowEvent, 'jobExecutionId'> & Pick<RunOptions, 'dryRun'>;

/**
 * Checks the organization's webhook, and creates or repairs it. A repeated invocation continues from what the earlier
 * one recorded.
 * @returns why that could not be done yet.
 */
export async function reconcileOrganizationWebhook(
  dependencies: ReconcileDependencies,
  run: OrganizationRun,
): Promise<Deferral | undefined> {
  const { executionsTable, organization, projectWebhookUrl, now, random, stop } = dependencies;
  const before = await readOrganizationWebhook(executionsTable, run.jobExecutionId);
  if (before && !isOpen(before)) return undefined;
  const deferral = stop();
  if (deferral) return deferral;
  try {
    const { github, webhookSecret } = await dependencies.connect();
    const context = { github, organization, projectWebhookUrl, webhookSecret, now, random };
    const found = before ?? (await checkOrganizationWebhook(dependencies, run, context));
    if (run.dryRun || !isOpen(found)) return undefined;
    return await reconcile(context, await openWriteAllowance(dependencies, github.limits), {
      target: organizationWebhooks(context),
      id: found.id,
      remember: (webhook) => rememberOrganizationWebhook(executionsTable, webhook),
      record: (written) => {
        const { left } = written;
        if ('failure' in written) {
          return record(dependencies, run, {
            ...found,
            left,
            failure: withMissingPermission(written.failure),
          });
        }
        return record(dependencies, run, { ...found, left, id: written.id });
      },
    });
  } catch (error) {
    return deferralOf(error);
  }
}

async function checkOrganizationWebhook(
  dependencies: ReconcileDependencies,
  run: OrganizationRun,
  context: WebhookContext,
): Promise<OrganizationWebhook> {
  const { executionsTable, now } = dependencies;
  const known = await readKnownWebhook(executionsTable);
  const check = await checkWebhook(context, organizationWebhooks(context), known);
  const remember = knownAfterCheck(known, check, now());
  if (remember && !run.dryRun) await rememberOrganizationWebhook(executionsTable, remember);
  const { found, id, differs, others, failure } = check;
  const webhook: OrganizationWebhook = {
    found,
    left: found,
    ...(id !== undefined && { id }),
    ...(differs && { differs }),
    ...(others && { others }),
    ...(failure && { failure: withMissingPermission(failure) }),
  };
  await record(dependencies, run, webhook);
  return webhook;
}

/** Records that a run ended before it could check the organization's webhook, unless it did check it. */
export async function recordUncheckedOrganizationWebhook(
  dependencies: ReconcileDependencies,
  run: OrganizationRun,
  { message }: Deferral,
): Promise<void> {
  if (await readOrganizationWebhook(dependencies.executionsTable, run.jobExecutionId)) return;
  const failure = { reason: 'DEADLINE', message } as const;
  await record(dependencies, run, { found: 'unchecked', left: 'unchecked', failure });
}

async function record(
  dependencies: ReconcileDependencies,
  { jobExecutionId }: OrganizationRun,
  webhook: OrganizationWebhook,
): Promise<void> {
  await recordOrganizationWebhook(dependencies, jobExecutionId, webhook);
  webhookLog.organizationWebhook(dependencies.log, dependencies.organization, webhook);
}

/** GitHub answers 404 to a token without the permission, so say what it lacks. */
function withMissingPermission(failure: Failure): Failure {
  if (failure.reason !== 'FORBIDDEN') return failure;
  const message = `${failure.message}: a token needs admin:org_hook, an App webhooks of the organization (write)`;
  return { ...failure, message };
}
