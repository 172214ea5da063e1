import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import { NotSent, noAnswer } from '../../../../functions/github/no-answer.ts';
import { createClock } from '../../../support/clock.ts';
import { createLog } from '../../../support/log.ts';

const withCode = (code: string, message = '') => Object.assign(new Error(message), { code });
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });

describe('a request without an answer says why', () => {
  it.each([
    ['a refused connection', fetchFailed(withCode('ECONNREFUSED')), 'no answer (connection refused)'],
    ['a broken connection', fetchFailed(withCode('ECONNRESET')), 'no answer (connection reset)'],
    ['a closed connection', fetchFailed(withCode('UND_ERR_SOCKET')), 'no answer (connection closed)'],
    ['an unknown host', fetchFailed(withCode('ENOTFOUND')), 'no answer (host not found)'],
    ['no name server', fetchFailed(withCode('EAI_AGAIN')), 'no answer (host name not resolved)'],
    ['a silent host', fetchFailed(withCode('UND_ERR_CONNECT_TIMEOUT')), 'no answer (connection timed out)'],
    ['a slow server', new DOMException('The operation timed out', 'TimeoutError'), 'no answer (timed out)'],
    [
      'refused connections to all addresses of a host',
      fetchFailed(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
      'no answer (connection refused)',
    ],
    [
      'an unknown message',
      fetchFailed(withCode('CERT', 'expired certificate')),
      'no answer (expired certificate)',
    ],
    ['an unknown code', fetchFailed(withCode('EWHAT')), 'no answer (EWHAT)'],
    ['nothing', new Error(''), 'no answer (unknown reason)'],
    ['that it was not sent', fetchFailed(new NotSent('why')), 'not sent: why'],
  ])('of %s', (_, error, words) => {
    expect(noAnswer(error)).toBe(words);
  });

  it('even if the causes form a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(noAnswer(error)).toBe('no answer (round)');
  });
});

it('pauses before each retry of a request that nobody answers, logs it, and invents no status', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await new Promise((resolve) => server.close(resolve));
  const [log, clock] = [createLog(), createClock('2026-11-23T09:35:00.000Z')];
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const github = createGitHub({ apiUrl: `http://127.0.0.1:${port}`, token: 't', log, clock, pause });
  const reason = 'GET /orgs/bank: no answer (connection refused)';
  await expect(github.rest.orgs.get({ org: 'bank' })).rejects.toMatchObject({
    deferral: { kind: 'outage', message: reason },
  });
  expect(log.messages()).toEqual([
    `${reason}, attempt 2 of 3 at 09:35:01`,
    `${reason}, attempt 3 of 3 at 09:35:04`,
  ]);
  expect(pauses).toEqual([1_000, 4_000]);
});
