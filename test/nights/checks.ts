import { deepEqual, equal, fail } from 'node:assert/strict';
import type { JobExecution } from '../../functions/executions/job-execution.ts';
import type { InvocationResult } from '../../local/cloud/lambda-sandbox.ts';
import { PROJECT_WEBHOOK_URL } from '../support/bank.ts';
import type { NewTable } from '../support/dynamodb.ts';
import { checkMirror } from './check-mirror.ts';
import { checkRecords } from './check-records.ts';
import { checkRemovals } from './check-removals.ts';
import type { Scene } from './night.ts';
import { readTruth, readWebhooks, type TrueRepository } from './truth.ts';

/** @throws AssertionError unless the clean run has left everything as it should be. */
export async function checkMorning(
  scene: Scene,
  { newTable, answer }: { newTable: NewTable; answer: InvocationResult },
): Promise<void> {
  const truth = await readTruth(scene.organization);
  const records = await checkRecords(scene);
  checkCleanRun(answer, { truth, records });
  await checkMirror(scene, { truth, newTable });
  checkWebhooks(await readWebhooks(scene.organization, truth));
  await checkRemovals(scene, truth);
}

/** The clean run was started at once, and only items without a readable item.json failed. */
function checkCleanRun(
  answer: InvocationResult,
  { truth, records }: { truth: readonly TrueRepository[]; records: readonly JobExecution[] },
): void {
  if ('error' in answer) fail(`the clean run was not started: ${JSON.stringify(answer.error)}`);
  const { statusCode, body } = JSON.parse(answer.payload);
  equal(statusCode, 202, `the clean run was not started: ${body}`);
  const { jobExecutionId } = JSON.parse(body);
  const record = records.find((one) => one.jobExecutionId === jobExecutionId);
  const unreadable = truth.filter(({ item }) => !item).length;
  const exitCode = unreadable === 0 ? 'COMPLETED' : 'COMPLETED_WITH_FAILURES';
  equal(record?.exitCode, exitCode, `the clean run: ${record?.exitCode}: ${record?.exitMessage}`);
  const { total, failed, deferred, webhooksNotCreated, webhooksNotRepaired, webhooksNotChecked } =
    record?.counts ?? fail('the clean run has no counts');
  deepEqual(
    { total, failed, deferred, webhooksNotCreated, webhooksNotRepaired, webhooksNotChecked },
    {
      ...{ total: truth.length, failed: unreadable, deferred: 0 },
      ...{ webhooksNotCreated: 0, webhooksNotRepaired: 0, webhooksNotChecked: 0 },
    },
    'counts of the clean run',
  );
}

/** Every repository that can have one has exactly one project webhook. */
function checkWebhooks(webhooks: ReadonlyMap<string, readonly (string | undefined)[]>): void {
  for (const [repositoryName, urls] of webhooks) {
    const count = urls.filter((url) => url === PROJECT_WEBHOOK_URL).length;
    equal(count, 1, `project webhooks of ${repositoryName}`);
  }
}
