import type { Failure, RunOptions } from '../shared/contract/job-execution.ts';
import type { SharedScope, SharedWebhook } from '../shared/contract/webhooks.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import {
  checkWebhook,
  hasCurrentSecret,
  knownAfterCheck,
  type WebhookCheck,
  type WebhookContext,
  webhookContext,
} from './check-webhook.ts';
import { reconcile } from './reconcile.ts';
import type { ReconcileDependencies } from './repositories.ts';
import * as webhookLog from './webhook-log.ts';
import {
  isOpen,
  readKnownWebhook,
  readSharedWebhook,
  recordSharedWebhook,
  rememberSharedWebhook,
} from './webhook-rows.ts';
import { appWebhook, organizationWebhooks, type WebhookTarget } from './webhook-target.ts';
import { openWriteAllowance } from './write-allowance.ts';

type SharedRun = Pick<WorkflowEvent, 'jobExecutionId'> & Pick<RunOptions, 'dryRun'> & { scope: SharedScope };

/**
 * Checks the webhook of the organization or of the App, and creates or repairs it. A repeated invocation continues from
 * what the earlier one recorded.
 * @returns why that could not be done yet.
 */
export async function reconcileSharedWebhook(
  dependencies: ReconcileDependencies,
  run: SharedRun,
): Promise<Deferral | undefined> {
  const { executionsTable, stop } = dependencies;
  const before = await readSharedWebhook(executionsTable, run.jobExecutionId);
  if (before && !isOpen(before)) return undefined;
  const deferral = stop();
  if (deferral) return deferral;
  try {
    const context = webhookContext(await dependencies.connect(), dependencies);
    const target = targetOf(run.scope, context);
    const found = before ?? (await checkSharedWebhook(dependencies, run, { context, target }));
    if (!target || run.dryRun || !isOpen(found)) return undefined;
    return await reconcile(context, await openWriteAllowance(dependencies, context.github.limits), {
      target,
      id: found.id,
      remember: (webhook) => rememberSharedWebhook(executionsTable, webhook),
      record: (written) => {
        const { left } = written;
        if ('failure' in written) {
          const failure = withMissingPermission(run.scope, written.failure);
          return record(dependencies, run, { ...found, left, failure });
        }
        const current = context.isSecretRotating && { hasCurrentSecret: true };
        return record(dependencies, run, { ...found, left, id: written.id, ...current });
      },
    });
  } catch (error) {
    return deferralOf(error);
  }
}

/** @returns undefined for the webhook of an App if the credentials are not those of an App. */
function targetOf(scope: SharedScope, context: WebhookContext): WebhookTarget | undefined {
  return scope === 'organization' ? organizationWebhooks(context) : appWebhook(context);
}

const NO_APP = {
  found: 'unchecked',
  failure: {
    reason: 'FORBIDDEN',
    message: 'webhookScope is app, but the GitHub secret holds a token instead of an App',
  },
} as const satisfies WebhookCheck;

async function checkSharedWebhook(
  dependencies: ReconcileDependencies,
  run: SharedRun,
  { context, target }: { context: WebhookContext; target: WebhookTarget | undefined },
): Promise<SharedWebhook> {
  const { executionsTable, now } = dependencies;
  const known = await readKnownWebhook(executionsTable);
  const check: WebhookCheck = target ? await checkWebhook(context, target, known) : NO_APP;
  const remember = knownAfterCheck(known, check, now());
  if (remember && !run.dryRun) await rememberSharedWebhook(executionsTable, remember);
  const { found, id, differs, others, failure } = check;
  const webhook: SharedWebhook = {
    scope: run.scope,
    found,
    left: found,
    ...(id !== undefined && { id }),
    ...(differs && { differs }),
    ...(others && { others }),
    ...(context.isSecretRotating && { hasCurrentSecret: hasCurrentSecret(context, check, known) }),
    ...(failure && { failure: withMissingPermission(run.scope, failure) }),
  };
  await record(dependencies, run, webhook);
  return webhook;
}

/** Records that a run ended before it could check the webhook, unless it did check it. */
export async function recordUncheckedSharedWebhook(
  dependencies: ReconcileDependencies,
  run: SharedRun,
  { message }: Deferral,
): Promise<void> {
  if (await readSharedWebhook(dependencies.executionsTable, run.jobExecutionId)) return;
  const failure = { reason: 'DEADLINE', message } as const;
  await record(dependencies, run, { scope: run.scope, found: 'unchecked', left: 'unchecked', failure });
}

async function record(
  dependencies: ReconcileDependencies,
  { jobExecutionId }: SharedRun,
  webhook: SharedWebhook,
): Promise<void> {
  await recordSharedWebhook(dependencies, jobExecutionId, webhook);
  webhookLog.sharedWebhook(dependencies.log, dependencies.organization, webhook);
}

/** GitHub answers 404 to a token without the permission, and for an App without a webhook, so say what is needed. */
const NEEDED: Record<SharedScope, string> = {
  organization: 'a token needs admin:org_hook, an App webhooks of the organization (write)',
  app: 'the webhook must be active in the settings of the App',
};

function withMissingPermission(scope: SharedScope, failure: Failure): Failure {
  if (failure.reason !== 'FORBIDDEN' || failure === NO_APP.failure) return failure;
  return { ...failure, message: `${failure.message}: ${NEEDED[scope]}` };
}
