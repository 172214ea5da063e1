import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { type ExecutionDetail, FindItemsAnswer } from '../api/answers.ts';
import { type Api, addressOf } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { findExecutionItems, findExecutions, startSync } from '../api/executions.ts';
import type { Send } from '../api/http.ts';
import type { Connection } from '../connection/connection.ts';
import { createTokenSource } from '../connection/token.ts';
import { count } from '../describe/quantities.ts';
import { stateOf } from '../describe/run.ts';
import { EXIT, exitOfRun } from '../exit.ts';
import { type Check, check, failed, ok, unknown } from './check.ts';
import { readClaims } from './token-claims.ts';

/** A route that changes nothing, even if the authorizer lets a wrong token through. */
const PROBE = ROUTES.findExecutions;

/** Whether the authorizer rejects a token that is not a JWT. */
export const checkInvalidToken = ({ apiUrl }: Connection, send: Send): Promise<Check> =>
  check('invalid token', async () => {
    const headers = { authorization: 'Bearer not-a-token' };
    const { status } = await send(addressOf(apiUrl, PROBE, {}), { method: PROBE.method, headers });
    return status === 401
      ? ok('invalid token', 'answered with 401')
      : failed('invalid token', `answered with ${status} instead of 401`, 'Check the authorizer of the API.');
  });

/** Whether a token without the sync scope is rejected. This takes a token that has only the read scope. */
export const checkWrongScope = (connection: Connection, send: Send): Promise<Check> => {
  const name = 'wrong scope';
  const cannotTell = (why: string): Check =>
    unknown(name, why, 'Try it by hand with a token that has only the read scope.');
  return check(name, async () => {
    const { credentials, apiUrl } = connection;
    if (credentials === undefined || credentials.kind === 'token') {
      return cannotTell('the token was given by the caller, so that no second one can be requested');
    }
    const scope = await readScopeOf(connection, send);
    if (scope === undefined) return cannotTell('none of the scopes of the token ends in "read"');
    const tokens = createTokenSource({ ...credentials, scope }, send);
    const token = await tokens.token().catch(() => undefined);
    if (token === undefined) return cannotTell(`the issuer issues no token with the scope ${scope} alone`);
    const granted = readClaims(token)?.scopes ?? [];
    if (granted.length !== 1) return cannotTell('the issuer granted other scopes than those requested');
    const { status } = await send(addressOf(apiUrl, ROUTES.syncItem, { path: { itemBankId: 0 } }), {
      method: ROUTES.syncItem.method,
      headers: { authorization: `Bearer ${token.reveal()}` },
    });
    return status === 403
      ? ok(name, `a token with only ${scope} cannot start a run: 403`)
      : failed(
          name,
          `a token with only ${scope} is answered with ${status} instead of 403`,
          'Check the setting syncScope.',
        );
  });
};

/** The scope that lets a token read. Its name is a setting of the stage; by default it ends in `/read`. */
async function readScopeOf({ credentials }: Connection, send: Send): Promise<string | undefined> {
  if (credentials === undefined) return undefined;
  const claims = readClaims(await createTokenSource(credentials, send).token());
  return claims?.scopes.find((scope) => /\bread$/.test(scope));
}

/** Starts a dry run. @returns its id as well, if there is one. */
export async function checkDryRun(api: Api): Promise<{ check: Check; jobExecutionId?: number }> {
  let jobExecutionId: number | undefined;
  const name = 'dry run';
  const result = await check(name, async () => {
    try {
      ({ jobExecutionId } = await startSync(api, { dryRun: true }));
      return ok(name, `job execution ${jobExecutionId} was started`);
    } catch (error) {
      const isBusy = error instanceof ApiError && error.problem.code === 'JOB_ALREADY_RUNNING';
      if (!isBusy) throw error;
      return unknown(name, 'another run is working', 'Repeat this command after its end.');
    }
  });
  return { check: result, ...(jobExecutionId !== undefined && { jobExecutionId }) };
}

/** Waits for the end of the dry run. Failures of single items are not the deployment's, so the check accepts them. */
export const checkEnd = (follow: () => Promise<ExecutionDetail>): Promise<Check> =>
  check('end of the dry run', async () => {
    const run = await follow();
    const detail = `${stateOf(run)}: ${run.exitMessage ?? 'no message'}`;
    return exitOfRun(run.exitCode) === EXIT.failed
      ? failed('end of the dry run', detail, `See item-sync status ${run.jobExecutionId}`)
      : ok('end of the dry run', detail);
  });

export const checkHistory = (api: Api, jobExecutionId: number): Promise<Check> =>
  check('history', async () => {
    const { executions } = await findExecutions(api, {}, 1);
    const [newest] = executions;
    const isThere = newest?.jobExecutionId === jobExecutionId && newest.dryRun;
    if (!isThere) return failed('history', 'the dry run is not the newest', 'See item-sync runs');
    const { items } = await findExecutionItems(api, jobExecutionId, 'failed');
    return ok('history', `shows the dry run with ${count(items.length, 'failed item')}`);
  });

export const checkItems = (api: Api): Promise<Check> =>
  check('items', async () => {
    await api.request(ROUTES.findItems, { answer: FindItemsAnswer, query: { itemId: 1, limit: 1 } });
    return ok('items', 'the mirror can be searched');
  });
