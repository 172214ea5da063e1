import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { STAGE } from '../../local/configuration.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

const RULE = resourceNames(STAGE).scheduleRule;
const NINE = new Date('2026-11-23T09:00:00Z');

describe('the nightly schedule', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded();
  });
  afterAll(() => embedded?.close());

  it('is 09:00 UTC each day', () => {
    const [next] = embedded.cloud.nextRuns();
    expect(next).toMatchObject({ rule: RULE });
    expect(next?.at.toISOString()).toMatch(/T09:00:00\.000Z$/);
  });

  it('starts a run that is recorded as its own', async () => {
    await embedded.cloud.fireRule(RULE, NINE);
    const execution = await embedded.execution(1);
    expect(execution).toMatchObject({
      trigger: 'schedule',
      startedBy: expect.stringContaining(`rule/${RULE}`),
    });
    const ended = await embedded.ended(String(execution?.executionArn));
    expect(ended.status).toBe('SUCCEEDED');
  });

  it('starts nothing when the same minute is delivered again', async () => {
    await embedded.cloud.fireRule(RULE, NINE);
    expect(await embedded.execution(2)).toBeUndefined();
    const [line] = await embedded.log('"was delivered again"');
    expect(line).toMatchObject({ level: 'INFO', jobExecutionId: 1 });
  });

  it('starts one run when a minute is delivered twice at once', async () => {
    const ten = new Date('2026-11-23T10:00:00Z');
    await Promise.all([embedded.cloud.fireRule(RULE, ten), embedded.cloud.fireRule(RULE, ten)]);
    const execution = await embedded.execution(2);
    await embedded.ended(String(execution?.executionArn));
    expect(await embedded.execution(3)).toBeUndefined();
  });

  it('says so and is no failure when it meets a run', async () => {
    const { body } = await embedded.post('/sync');
    await embedded.cloud.fireRule(RULE, new Date('2026-11-24T09:00:00Z'));
    const [line] = await embedded.log('{ $.event = "schedule-skipped" }');
    expect(line?.message).toBe(
      `scheduled start of 2026-11-24T09:00 skipped: job execution ${body['jobExecutionId']} is running`,
    );
    await embedded.ended(String(body['executionArn']));
  });
});
