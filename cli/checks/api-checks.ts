import * as z from 'zod';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { FindExecutionsAnswer } from '../api/answers.ts';
import { type Api, addressOf } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import type { HttpAnswer, Send } from '../api/http.ts';
import type { Connection } from '../connection/connection.ts';
import type { Secret } from '../connection/secret.ts';
import { requestToken } from '../connection/token.ts';
import { formatTime } from '../describe/quantities.ts';
import { type Check, check, failed, ok, unknown } from './check.ts';

/** Calls a read route without a token. 401 shows that the API is reachable and protected. */
export const checkNoToken = async (connection: Connection, send: Send): Promise<Check> =>
  (await askWithoutToken(connection, send)).check;

/** The same, and compares the clocks. */
export async function checkReachable(connection: Connection, send: Send): Promise<Check[]> {
  const { check: reachable, answer } = await askWithoutToken(connection, send);
  return [reachable, checkClock(answer)];
}

async function askWithoutToken(
  { apiUrl }: Connection,
  send: Send,
): Promise<{ check: Check; answer?: HttpAnswer }> {
  let answer: HttpAnswer | undefined;
  const result = await check('no token', async () => {
    const url = addressOf(apiUrl, ROUTES.findExecutions, {});
    answer = await send(url, { method: 'GET' });
    if (answer.status === 401) return ok('no token', `${apiUrl} answers 401`);
    const advice = 'Check the address: it should be the output ApiUrl of the stack.';
    return failed('no token', `${url} answers ${answer.status} instead of 401`, advice);
  });
  return { check: result, ...(answer && { answer }) };
}

/** The API accepts a token a few seconds before and after its period of validity. */
const MAX_DIFFERENCE_SECONDS = 30;

function checkClock(answer?: HttpAnswer): Check {
  const date = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return unknown('clock', 'the API sends no date', 'Compare the clock by hand.');
  const seconds = Math.round((Date.now() - date) / 1_000);
  const side = seconds < 0 ? 'behind' : 'ahead of';
  const detail = seconds === 0 ? 'same as the API' : `${Math.abs(seconds)} s ${side} the API`;
  return Math.abs(seconds) <= MAX_DIFFERENCE_SECONDS
    ? ok('clock', detail)
    : failed('clock', detail, 'Set the clock: a wrong one makes tokens invalid.');
}

/** @returns the token as well, if there is one. */
export async function checkToken(
  { credentials }: Connection,
  send: Send,
): Promise<{ check: Check; token?: Secret }> {
  if (credentials === undefined) {
    const advice = 'Set ITEM_SYNC_TOKEN, use --token-stdin or a profile (docs/cli.md).';
    return { check: failed('token', 'there are no credentials', advice) };
  }
  if (credentials.kind === 'token') {
    return { check: ok('token', 'given by the caller'), token: credentials.token };
  }
  let token: Secret | undefined;
  const result = await check('token', async () => {
    ({ token } = await requestToken(credentials, send));
    return ok('token', `issued by ${new URL(credentials.tokenUrl).origin}`);
  });
  return { check: result, ...(token && { token }) };
}

/** Whether the token may read: requests one run. */
export const checkReadScope = (api: Api): Promise<Check> =>
  checkScope('scope to read', () =>
    api.request(ROUTES.findExecutions, { answer: FindExecutionsAnswer, query: { limit: 1 } }),
  );

/** Whether the token may start runs: synchronizes an item bank id that cannot exist, so that nothing changes. */
export const checkSyncScope = (api: Api): Promise<Check> =>
  checkScope('scope to start runs', () =>
    api.request(ROUTES.syncItem, { answer: z.unknown(), path: { itemBankId: 0 } }),
  );

function checkScope(name: string, ask: () => Promise<unknown>): Promise<Check> {
  return check(name, async () => {
    try {
      await ask();
      return ok(name, 'the API accepts the token');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The function itself has answered, so the token was accepted.
      if (error.problem.code === 'REQUEST_INVALID') return ok(name, 'the API accepts the token');
      if (error.problem.status === 403) {
        return failed(
          name,
          'the token lacks it',
          'Request the scope from the issuer, or use another client.',
        );
      }
      throw error;
    }
  });
}

/** Whether the history can be read, and how the newest run ended. */
export const checkLastRun = (api: Api): Promise<Check> =>
  check('last run', async () => {
    const { executions } = await api.request(ROUTES.findExecutions, {
      answer: FindExecutionsAnswer,
      query: { limit: 1 },
    });
    const [newest] = executions;
    if (newest === undefined) {
      return unknown('last run', 'none yet', 'Start one: item-sync start');
    }
    const { jobExecutionId, exitCode, status, createTime } = newest;
    const detail = `${jobExecutionId}, ${formatTime(createTime)}: ${exitCode ?? status}`;
    if (exitCode === null || exitCode === 'COMPLETED') return ok('last run', detail);
    return failed('last run', detail, `See item-sync status ${jobExecutionId}`);
  });
