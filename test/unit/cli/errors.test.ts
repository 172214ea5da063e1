import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UnreachableError } from '../../../cli/api/errors.ts';
import { createSend } from '../../../cli/api/http.ts';
import { API_URL, runCli, TOKEN } from '../../support/cli.ts';
import { listen } from '../../support/http.ts';

/** The answer to `item-sync restart 3`. */
const restart = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  runCli(['restart', '3'], { answer: () => ({ status, body, headers }) });

describe('an answer of the API', () => {
  it.each([
    [
      400,
      { code: 'REQUEST_INVALID', detail: 'limit: too large' },
      1,
      'The API rejected the request: limit: too large.',
    ],
    [401, { message: 'Unauthorized' }, 1, 'The API does not accept the token: it has expired'],
    [403, { message: 'Forbidden' }, 1, 'The token lacks the scope that this command needs.'],
    [404, { message: 'Not Found' }, 1, 'The API has no such route.'],
    [
      404,
      { code: 'EXECUTION_NOT_FOUND', detail: 'there is no job execution 3' },
      1,
      'Not found: there is no job execution 3. item-sync runs',
    ],
    [
      404,
      { code: 'ITEM_BANK_ID_UNKNOWN', detail: 'item-bank has no repository 7' },
      1,
      'Not found: item-bank has no repository 7.',
    ],
    [
      409,
      { code: 'JOB_ALREADY_RUNNING', detail: 'x', jobExecutionId: 2 },
      4,
      'Nothing was started, because job execution 2 is running. Follow it: item-sync watch 2',
    ],
    [
      409,
      { code: 'JOB_ALREADY_RUNNING', detail: 'the lock kept changing hands' },
      4,
      'Nothing was started: the lock kept changing hands. Try again',
    ],
    [
      409,
      { code: 'EXECUTION_ENDED', detail: 'job execution 3 has ended' },
      1,
      'Nothing was changed: job execution 3 has ended.',
    ],
    [
      409,
      { code: 'ITEM_ID_AMBIGUOUS', detail: 'two repositories have item id 7', itemBankIds: [1, 2] },
      1,
      'Use one of the item bank ids: 1, 2.',
    ],
    [
      409,
      { code: 'ROW_TOO_NEW', detail: 'a row has version 3, but this release reads up to 2' },
      1,
      'A later release of the service wrote this, and the deployed one cannot read it: a row has version 3',
    ],
    [
      422,
      { code: 'NOTHING_TO_RESTART', detail: 'job execution 3 left nothing to do' },
      1,
      'Nothing was started: job execution 3 left nothing to do. For a run of the whole bank',
    ],
    [429, { message: 'Too Many Requests' }, 1, 'The API received too many requests. Try again later.'],
    [
      500,
      { code: 'INTERNAL_ERROR', requestId: 'abc' },
      1,
      'The service failed (request abc). Its log says why: item-sync logs --level ERROR',
    ],
    [500, { message: 'Internal Server Error' }, 1, 'answered 500: no reason given.'],
    [502, { code: 'GITHUB_REFUSED' }, 1, 'GitHub refused the request of the service.'],
    [
      503,
      { code: 'RATE_LIMITED', retryAfterSeconds: 90 },
      1,
      'GitHub asks to wait. Try again in 90 seconds.',
    ],
    [503, { code: 'GITHUB_UNAVAILABLE' }, 1, 'GitHub does not answer. Try again later.'],
    [503, { code: 'EXECUTION_NOT_STARTED' }, 1, 'Step Functions did not confirm the start.'],
    [503, { message: 'Service Unavailable' }, 1, 'The API is not available. Try again later.'],
    [418, 'a teapot', 1, 'answered 418: no reason given.'],
    [404, { code: 'NEW_CODE', detail: 'something new' }, 1, 'The API has no such route.'],
  ])('with status %i and %j is one sentence, with exit code %i', async (status, body, code, sentence) => {
    const { exit, stdout, stderr } = await restart(status, body);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n.*\n| at .*\.ts/);
    expect(stderr).not.toContain(TOKEN);
    expect([exit, stdout]).toEqual([code, '']);
  });

  it('passes on how long to wait, from the header', async () => {
    const { stderr } = await restart(429, { message: 'x' }, { 'retry-after': '5' });
    expect(stderr).toContain('Try again in 5 seconds.');
  });

  it('that redirects is not followed', async () => {
    const { exit, stderr } = await restart(307, '', { location: 'https://elsewhere.example.com/x' });
    expect(stderr).toBe(
      `${API_URL}/executions/3/restart redirects to https://elsewhere.example.com, which was not followed. Check the address of the API.\n`,
    );
    expect(exit).toBe(1);
  });

  it.each(['<html>', '{"unexpected": true}', ''])('%j is not accepted as one of this API', async (body) => {
    const { exit, stderr } = await restart(200, body);
    expect(stderr).toContain('sent an answer that this API does not send. Check the address of the API.');
    expect(exit).toBe(1);
  });

  it('cannot write control characters to the terminal', async () => {
    const { stderr } = await restart(409, { code: 'EXECUTION_ENDED', detail: '\u001b[2Jgone' });
    expect(stderr).toContain('\\u001b[2Jgone');
  });
});

describe('an API that cannot be reached', () => {
  it('ends the command with 5, and a sentence', async () => {
    const answer = () => {
      throw new UnreachableError(API_URL, 'ECONNREFUSED');
    };
    const { exit, stdout, stderr } = await runCli(['status', '3'], { answer });
    expect(stderr).toBe(
      `${API_URL} cannot be reached (ECONNREFUSED). Check the address and the network: item-sync doctor.\n`,
    );
    expect([exit, stdout]).toEqual([5, '']);
  });

  it('refuses the connection, closes it, or does not exist', async () => {
    const server = createServer((request) => request.socket.destroy());
    onTestFinished(() => void server.close());
    const send = createSend(new AbortController().signal);
    await expect(send(await listen(server), {})).rejects.toThrow(/cannot be reached: \w+/);
    const closed = createServer();
    const url = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    await expect(send(url, {})).rejects.toThrow(`${url} cannot be reached: ECONNREFUSED`);
    await expect(send('http://nowhere.invalid', {})).rejects.toThrow(UnreachableError);
  });

  it('does not delay a command that was interrupted', async () => {
    const server = createServer(() => {});
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const ending = new AbortController();
    const answer = createSend(ending.signal)(await listen(server), {});
    ending.abort();
    await expect(answer).rejects.toThrow(UnreachableError);
  });
});

describe('an unexpected error', () => {
  it('is reported without a stack trace', async () => {
    const { exit, stderr } = await runCli(['status', '3']);
    expect(stderr).toMatch(
      /^This is a bug in item-sync: Error: nobody expected GET .*\. Please report it\.\n$/,
    );
    expect(exit).toBe(1);
  });
});
