import { expect, it } from 'vitest';
import { KEYS } from '../../../../functions/executions/keys.ts';
import { itemBankId, jobExecutionId } from '../../../../functions/shared/contract/ids.ts';

it('builds the keys of the JobExecutions table', () => {
  const id = jobExecutionId(15);
  expect(KEYS.state()).toEqual({ pk: 'JOB#itemSynchronizationJob', sk: 'STATE' });
  expect(KEYS.execution(id)).toEqual({ pk: 'JOB#itemSynchronizationJob', sk: 'EXECUTION#0000000015' });
  expect(KEYS.scheduled('2026-11-23T09:00')).toEqual({
    pk: 'JOB#itemSynchronizationJob',
    sk: 'SCHEDULED#2026-11-23T09:00',
  });
  expect(KEYS.listing(id)).toEqual({ pk: 'EXECUTION#0000000015', sk: 'LISTING' });
  expect(KEYS.batch(id, 3)).toEqual({ pk: 'EXECUTION#0000000015', sk: 'BATCH#00003' });
  expect(KEYS.progress(id, 3)).toEqual({ pk: 'EXECUTION#0000000015', sk: 'PROGRESS#00003' });
  expect(KEYS.item(id, itemBankId(131_000_000))).toEqual({
    pk: 'EXECUTION#0000000015',
    sk: 'ITEM#131000000',
  });
});

it('orders executions and batches by their numbers', () => {
  const executions = [2, 10, 100].map((id) => KEYS.execution(jobExecutionId(id)).sk);
  const batches = [2, 10, 100].map((batch) => KEYS.batch(jobExecutionId(1), batch).sk);
  expect(executions.toSorted()).toEqual(executions);
  expect(batches.toSorted()).toEqual(batches);
});
