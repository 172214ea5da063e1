import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';
import { clouds, ended, messagesIn, stepFunctions } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';
import { begin, EXECUTION, fixture, historyOf, outline } from './history-support.ts';

const start = clouds();

describe('GetExecutionHistory', () => {
  const passes = Object.fromEntries(
    ['A', 'B', 'C'].map((name, place) => [
      name,
      { Type: 'Pass', ...(place < 2 ? { Next: ['B', 'C'][place] } : { End: true }) },
    ]),
  );

  async function afterRun(options: { stateFolder?: string } = {}): Promise<Cloud> {
    const cloud = await start(fixture(passes), options);
    await begin(cloud, { secret: 'in the payload' });
    await ended(cloud, EXECUTION);
    return cloud;
  }

  it.each([false, true])(
    'returns every event once, page by page (reverseOrder: %s)',
    async (reverseOrder) => {
      const cloud = await afterRun();
      const ids: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await stepFunctions(cloud).send(
          new GetExecutionHistoryCommand({
            executionArn: EXECUTION,
            maxResults: 3,
            reverseOrder,
            nextToken,
          }),
        );
        ids.push(...(page.events ?? []).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      const all = [1, 2, 3, 4, 5, 6, 7, 8];
      expect(ids).toEqual(reverseOrder ? all.toReversed() : all);
    },
  );

  it('refuses a token that was issued for other parameters', async () => {
    const cloud = await afterRun();
    const first = { executionArn: EXECUTION, maxResults: 3 };
    const { nextToken } = await stepFunctions(cloud).send(new GetExecutionHistoryCommand(first));
    const refusal = { name: 'InvalidToken', $metadata: { httpStatusCode: 400 } };
    await expect(historyOf(cloud, { nextToken, reverseOrder: true })).rejects.toMatchObject(refusal);
    await expect(historyOf(cloud, { nextToken: 'made up' })).rejects.toMatchObject(refusal);
  });

  it('omits payloads unless they are requested', async () => {
    const cloud = await afterRun();
    const events = await historyOf(cloud, { includeExecutionData: false });
    expect(events[1]?.stateEnteredEventDetails).toEqual({ name: 'A' });
    expect(JSON.stringify(events)).not.toContain('in the payload');
  });

  it('matches the log of the state machine', async () => {
    const cloud = await afterRun();
    const events = await historyOf(cloud);
    const lines = (await messagesIn(cloud, 'history')).map((line) => JSON.parse(line));
    expect(lines).toEqual(
      events.map(({ id, previousEventId, type, timestamp, ...details }) => ({
        id: String(id),
        type,
        details: Object.values(details)[0],
        previous_event_id: String(previousEventId),
        event_timestamp: String(timestamp?.getTime()),
        execution_arn: EXECUTION,
        redrive_count: '0',
      })),
    );
  });

  it('returns the history after a restart', async () => {
    const stateFolder = await temporaryFolder();
    const before = await afterRun({ stateFolder });
    const events = await historyOf(before);
    await before.close();
    const after = await start(fixture(passes), { stateFolder });
    expect(await historyOf(after)).toEqual(events);
  });

  it('starts a new history when an execution restarts', async () => {
    const stateFolder = await temporaryFolder();
    const waiting = fixture({
      First: { Type: 'Pass', Next: 'Wait' },
      Wait: { Type: 'Wait', Seconds: 600, End: true },
    });
    const untilItWaits = (cloud: Cloud) =>
      eventually(async () => {
        const events = await historyOf(cloud);
        return events.at(-1)?.type === 'WaitStateEntered' ? events : undefined;
      });
    const before = await start(waiting, { stateFolder });
    await begin(before);
    const [first] = await untilItWaits(before);
    await before.close();
    const again = await untilItWaits(await start(waiting, { stateFolder }));
    expect(outline(again)).toEqual([
      '1 after 0: ExecutionStarted',
      '2 after 0: PassStateEntered',
      '3 after 2: PassStateExited',
      '4 after 3: WaitStateEntered',
    ]);
    expect(again[0]?.timestamp?.getTime()).toBeGreaterThan(first?.timestamp?.getTime() ?? Infinity);
  });
});
