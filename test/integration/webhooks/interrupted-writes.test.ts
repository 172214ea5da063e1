import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { createWebhooks } from '../../../functions/handlers/create-webhooks.ts';
import { ORGANIZATION } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns } from '../../support/run.ts';
import { type Ending, play, type Scene } from '../synchronization/interrupted-invocation.ts';
import { createItem, itemText, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();
// The lock, the listing, the batch and its progress, both rows. One is repaired, noted and recorded. The other is there
// already, since GitHub keeps what an invocation before has done: refused, looked for and written, noted and recorded. The
// account of it all.
const REQUESTS = 14;

/** The account has what each invocation asked for, and a repeated one asks again. */
function withoutAccount({ records, ...ending }: Ending & { died: boolean }) {
  return { ...ending, records: records.filter(({ sk }) => sk !== 'REQUESTS') };
}

describe('an invocation that dies while it creates a webhook and repairs another', () => {
  const closing: (() => Promise<void>)[] = [];
  let scene: Scene;
  let undisturbed: Omit<ReturnType<typeof withoutAccount>, 'died'>;

  beforeAll(async () => {
    const bank = await startEmptyBank((close) => void closing.push(close));
    await createItem(bank, 'item-1');
    const { dependencies: tables, clock } = await nightlyRuns({ newTable, bank })();
    await createItem(bank, 'item-2', itemText('2'));
    const place = { owner: ORGANIZATION, repo: 'item-1' };
    const { data: hooks } = await bank.github.rest.repos.listWebhooks(place);
    const differing = { ...place, hook_id: hooks[0]?.id ?? 0, active: false };
    await bank.github.rest.repos.updateWebhook(differing);
    const run = await beginRun({ newTable, bank, tables, clock });
    await run.list();
    await run.batches();
    scene = { newTable, bank, run, step: createWebhooks };
    undisturbed = withoutAccount(await play(scene));
  });
  afterAll(() => Promise.all(closing.map((close) => close())));

  it('leaves both as they are to be', () => {
    const { pk } = KEYS.workingRows(scene.run.event.jobExecutionId);
    const items = undisturbed.records.filter((row) => row['pk'] === pk && 'webhookLeft' in row);
    expect(items.map(({ repositoryName, webhookLeft }) => `${repositoryName} ${webhookLeft}`)).toEqual([
      'item-1 repaired',
      'item-2 created',
    ]);
  });

  it.each(Array.from({ length: REQUESTS }, (_, requests) => requests))(
    'with %i requests made is repeated, and leaves what it would have left',
    async (requests) => {
      expect(withoutAccount(await play(scene, requests))).toEqual({ ...undisturbed, died: true });
    },
  );

  it('makes no more requests than these', async () => {
    expect(withoutAccount(await play(scene, REQUESTS))).toEqual({ ...undisturbed, died: false });
  });
});
