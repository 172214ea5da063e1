import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/cloud/assembly.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

describe('POST /sync', () => {
  let embedded: Embedded;

  beforeAll(async () => {
    embedded = await startEmbedded();
  });
  afterAll(() => embedded?.close());

  it.each([
    ['no token', ''],
    ['an opaque token', 'a-bearer-token-uuid'],
    ['a token without a signature', `${encode({ alg: 'none' })}.${encode({ sub: 'x' })}.`],
  ])('answers 401 to %s', async (_, token) => {
    const answer = await embedded.post('/sync', { token });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ message: 'Unauthorized' });
  });

  it('answers 403 to a token without the scope', async () => {
    const answer = await embedded.post('/sync', { token: await embedded.token('item-sync/read') });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ message: 'Forbidden' });
  });

  it.each([
    ['a body that is not JSON', '{', 'the body is not JSON'],
    ['an option that it does not know', '{"dryrun":true}', 'unknown option dryrun'],
    ['a body that is not an object', '[]', 'Invalid input: expected object, received array'],
  ])('answers 400 to %s and does not start a run', async (_, body, detail) => {
    const answer = await embedded.post('/sync', { body });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status: 400, code: 'REQUEST_INVALID', detail });
    expect(await embedded.execution(1)).toBeUndefined();
  });

  it('starts one run for simultaneous callers, and returns its id to the others', async () => {
    const token = await embedded.token();
    const release = embedded.hold();
    const answers = await Promise.all(Array.from({ length: 8 }, () => embedded.post('/sync', { token })));
    release();
    const [started, ...others] = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 409);
    expect(others).toEqual([]);
    expect(refused).toHaveLength(7);
    for (const { body } of refused) {
      expect(body).toMatchObject({
        code: 'JOB_ALREADY_RUNNING',
        jobExecutionId: started?.body['jobExecutionId'],
      });
    }
    await embedded.ended(String(started?.body['executionArn']));
  });
});

it('POST /sync answers 500 while the key set is unreachable, because the token may be valid', async () => {
  const embedded = await startEmbedded({ stateFolder: await temporaryFolder() });
  onTestFinished(async () => {
    await embedded.cloud.close();
    await embedded.github.close();
  });
  const token = await embedded.token();
  await embedded.identityProvider.close();
  const answer = await embedded.post('/sync', { token });
  expect(answer.status).toBe(500);
  expect(answer.body).toEqual({ message: 'Internal Server Error' });
});

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
