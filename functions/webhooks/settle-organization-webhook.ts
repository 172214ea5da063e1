import type { CreateWebhooksDependencies } from '../handlers/create-webhooks.ts';
import type { Failure, RunOptions } from '../shared/contract/job-execution.ts';
import type { OrganizationWebhook } from '../shared/contract/webhooks.ts';
import type { WorkflowEvent } from '../shared/contract/workflow.ts';
import { outOfTime, resumesWithin } from '../synchronization/deferral.ts';
import { type Pause, pauseFor } from '../synchronization/pause.ts';
import * as story from '../synchronization/run-log.ts';
import { type HookPlace, hooksOfOrganization } from './hook-places.ts';
import {
  readKnownWebhook,
  readOrganizationWebhook,
  recordOrganizationWebhook,
  rememberWebhook,
} from './organization-webhook.ts';
import { noteAfter } from './webhook-notes.ts';
import {
  checkWebhook,
  createWebhook,
  knownFrom,
  repairWebhook,
  type WebhookCheck,
  type WebhookRequest,
  type Written,
} from './webhooks.ts';
import { openAllowance } from './write-allowance.ts';

type OrganizationRun = WorkflowEvent & Pick<RunOptions, 'dryRun'>;

/**
 * Looks at the organization's webhook, creates it where it is missing and repairs it where it differs. A repeated
 * invocation finds what the first one recorded.
 * @returns why it could not do so yet; where that lasts beyond the deadline and nobody has looked, the record says so.
 */
export async function settleOrganizationWebhook(
  dependencies: CreateWebhooksDependencies,
  run: OrganizationRun,
): Promise<Pause | undefined> {
  const { executionsTable } = dependencies;
  const before = await readOrganizationWebhook(executionsTable, run.jobExecutionId);
  if (before && !isOpen(before)) return undefined;
  const pause = outOfTime(dependencies, run.deadline) ?? (await lookAndWrite(dependencies, run, before));
  if (!pause || resumesWithin(run.deadline, pause)) return pause;
  if (!(await readOrganizationWebhook(executionsTable, run.jobExecutionId))) {
    const failure = { reason: 'DEADLINE', message: pause.why } as const;
    await record(dependencies, run, { found: 'unchecked', left: 'unchecked', failure });
  }
  return pause;
}

/** It was found so, and GitHub asked to wait before it was written. */
const isOpen = ({ left, failure }: OrganizationWebhook): boolean =>
  (left === 'missing' || left === 'differs') && !failure;

async function lookAndWrite(
  dependencies: CreateWebhooksDependencies,
  run: OrganizationRun,
  before: OrganizationWebhook | undefined,
): Promise<Pause | undefined> {
  const request = { ...dependencies, ...(await dependencies.connect()) };
  const place = hooksOfOrganization(request);
  try {
    const seen = before ?? (await look(request, place, { dependencies, run }));
    if (run.dryRun || !isOpen(seen)) return undefined;
    const allowance = await openAllowance(dependencies, request.github.limits);
    const pause = allowance.pause();
    if (pause) return pause;
    const written = await write(request, allowance.counting(place), seen);
    if (!('trouble' in written))
      await rememberWebhook(dependencies.executionsTable, knownFrom(written, request));
    await record(dependencies, run, leftBy(seen, written));
    return undefined;
  } catch (error) {
    return pauseFor(error);
  }
}

interface Looking {
  dependencies: CreateWebhooksDependencies;
  run: OrganizationRun;
}

async function look(
  request: WebhookRequest,
  place: HookPlace,
  { dependencies, run }: Looking,
): Promise<OrganizationWebhook> {
  const { executionsTable, now } = dependencies;
  const known = await readKnownWebhook(executionsTable);
  const check = await checkWebhook(request, place, known);
  const note = noteAfter(known, check, now());
  if (note && !run.dryRun) await rememberWebhook(executionsTable, note);
  const seen = seenBy(check);
  await record(dependencies, run, seen);
  return seen;
}

function seenBy({ found, id, differs, others, trouble }: WebhookCheck): OrganizationWebhook {
  return {
    found,
    left: found,
    ...(id !== undefined && { id }),
    ...(differs && { differs }),
    ...(others && { others }),
    ...(trouble && { failure: named(trouble) }),
  };
}

function write(request: WebhookRequest, place: HookPlace, { id }: OrganizationWebhook): Promise<Written> {
  return id === undefined ? createWebhook(request, place) : repairWebhook(request, place, id);
}

function leftBy(seen: OrganizationWebhook, written: Written): OrganizationWebhook {
  if ('trouble' in written) return { ...seen, left: written.left, failure: named(written.trouble) };
  return { ...seen, left: written.left, ...(written.id !== undefined && { id: written.id }) };
}

/** GitHub answers 404 as well where the token may not: whoever reads of it is to know what it lacks. */
function named(trouble: Failure): Failure {
  if (trouble.reason !== 'FORBIDDEN') return trouble;
  const message = `${trouble.message}: a token needs admin:org_hook, an App webhooks of the organization (write)`;
  return { ...trouble, message };
}

async function record(
  dependencies: CreateWebhooksDependencies,
  { jobExecutionId }: OrganizationRun,
  webhook: OrganizationWebhook,
): Promise<void> {
  await recordOrganizationWebhook(dependencies, jobExecutionId, webhook);
  story.organizationWebhook(dependencies.log, dependencies.organization, webhook);
}
