import { requireListing } from '../executions/listing.ts';
import { chooseCandidates, type RemovalDependencies } from '../removal/candidates.ts';
import { readRemoval, recordStop } from '../removal/removal-rows.ts';
import { removeCandidates } from '../removal/remove-candidates.ts';
import { collectVerdicts } from '../removal/verdicts.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { DeferrableResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { entryPoint } from '../shared/middleware.ts';
import { ITEM_STEP_SETTINGS, itemStepDependencies } from '../synchronization/run-items.ts';
import * as runLog from '../synchronization/run-log.ts';
import { runStep, type Step } from '../synchronization/run-step.ts';

/**
 * Removes from the mirror what is gone from source control: the items that a complete listing does not contain and that
 * GitHub, asked for each by its id, says are gone. Removes none of them if they are a larger share of the mirror than
 * the limit.
 */
export function removeDeletedItems(
  dependencies: RemovalDependencies,
  event: WorkflowEvent,
): Promise<DeferrableResult> {
  const { executionsTable } = dependencies;
  return runStep(dependencies, event, {
    stopped: {},
    work: async (step) => {
      const { restartOf } = step.options;
      if (restartOf === undefined) {
        return { deferral: await removeUntilDeferral(dependencies, step).catch(deferralOf) };
      }
      runLog.nothingToRemove(dependencies.log, restartOf);
      return {};
    },
    onDeadline: ({ jobExecutionId }) => recordStop(executionsTable, jobExecutionId, { reason: 'DEADLINE' }),
  });
}

async function removeUntilDeferral(
  dependencies: RemovalDependencies,
  step: Step,
): Promise<Deferral | undefined> {
  const { executionsTable } = dependencies;
  const { jobExecutionId: id } = step;
  const listing = await requireListing(executionsTable, id);
  const removal =
    (await readRemoval(executionsTable, id)) ?? (await chooseCandidates(dependencies, step, listing));
  // Beyond the limit nothing is removed, but items that the listing missed are still synchronized.
  if (removal.stop && removal.stop.reason !== 'LIMIT') return undefined;
  const { batches, deferral } = await collectVerdicts(dependencies, step, removal);
  return deferral ?? removeCandidates(dependencies, step, { removal, batches });
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [
    ...ITEM_STEP_SETTINGS,
    'ignoredRepositories',
    'removalEnabled',
    'removalLimitPercent',
  ]);
  return {
    ...itemStepDependencies(config),
    ignored: config.ignoredRepositories,
    removalEnabled: config.removalEnabled,
    limitPercent: config.removalLimitPercent,
  };
}, removeDeletedItems);
