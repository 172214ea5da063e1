import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import { sendQuery } from '../../../../functions/github/graphql.ts';
import { failedRequest } from '../../../../functions/github/responses.ts';
import { logger } from '../../../../functions/shared/logger.ts';
import { withoutPause } from '../../../support/clock.ts';
import { API_URL, asksIfUp, scriptGitHub, soundAnswer } from './scripted-github.ts';

const CLOCK = { now: () => new Date('2026-11-23T09:00:00.000Z') };

/** As many levels as overflow the stack wherever a value is walked through. */
const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

const connect = () => createGitHub({ apiUrl: API_URL, token: 't', retries: 0, pause: withoutPause });
const answer = (status: number, body: string) =>
  new Response(body, { status, headers: { 'content-type': 'application/json' } });
const failureOf = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => expect.unreachable('the request succeeded'),
    (error: unknown) => error,
  );

afterEach(() => {
  vi.restoreAllMocks();
});

const MESSAGE = 'the answer is nested more than 200 levels deep';

describe('an answer that is nested too deeply', () => {
  it.each([
    ['an error', 422, `{"message":"Validation Failed","errors":[${DEEP}]}`, 'refused', MESSAGE],
    ['an error without a message', 422, DEEP, 'refused', MESSAGE],
    ['a server error', 500, `{"message":"Server Error","data":${DEEP}}`, 'unavailable', MESSAGE],
    ['a success', 200, `{"login":${DEEP}}`, 'unavailable', 'the answer is not JSON'],
  ])('is a failure by name, which can be logged: %s', async (_what, status, body, kind, message) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    scriptGitHub((sent) => (asksIfUp(sent) ? soundAnswer(sent) : answer(status, body)));
    const error = await failureOf(connect().request('GET /repos/bank/item-1'));
    expect(failedRequest(error, CLOCK)).toMatchObject({
      meaning: { kind },
      message: `GET /api/v3/repos/bank/item-1: ${status} ${message}`,
    });
    expect(() => logger.error('failed', { error: new Error('failed', { cause: error }) })).not.toThrow();
  });

  it.each([
    ['data', `{"data":{"a":${DEEP}}}`],
    ['errors', `{"data":null,"errors":[{"message":"broken","path":[${DEEP}]}]}`],
  ])('is a failure of a query, too, in its %s', async (_what, body) => {
    scriptGitHub((sent) => (asksIfUp(sent) ? soundAnswer(sent) : answer(200, body)));
    const error = await failureOf(sendQuery(connect(), { text: '{ a }', variables: {} }));
    expect(failedRequest(error, CLOCK)).toMatchObject({ meaning: { kind: 'unavailable' } });
  });
});
