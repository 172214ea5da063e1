import { Command } from '@commander-js/extra-typings';
import { checkNoToken, checkToken } from '../checks/api-checks.ts';
import type { Check } from '../checks/check.ts';
import { reportChecks } from '../checks/report-checks.ts';
import {
  checkDryRun,
  checkEnd,
  checkHistory,
  checkInvalidToken,
  checkItems,
  checkWrongScope,
} from '../checks/smoke-checks.ts';
import { apiOf, type Context, connect, senderOf } from '../context.ts';
import { EXIT } from '../exit.ts';
import { followRun } from '../follow-run.ts';

export const smokeCommand = (context: Context) =>
  new Command('smoke')
    .description('check a deployment from outside: authorizer, token, mirror, a whole dry run, history')
    .action(() => reportChecks(context, carryOut(context)));

/** Each check needs those before it. Only the record of a dry run is written. */
async function* carryOut(context: Context): AsyncGenerator<Check[]> {
  const connection = await connect(context);
  const send = senderOf(context);
  const noToken = await checkNoToken(connection, send);
  yield [noToken];
  if (noToken.result !== 'ok') return;
  yield [await checkInvalidToken(connection, send)];
  const token = await checkToken(connection, send);
  yield [token.check];
  if (token.token === undefined) return;
  yield [await checkWrongScope(connection, send)];
  const api = apiOf(context, connection);
  yield [await checkItems(api)];
  const run = await checkDryRun(api);
  yield [run.check];
  if (run.jobExecutionId === undefined) {
    // Nothing failed, but the dry run was not tested either: a pipeline must not take that for a success.
    if (run.check.result === 'unknown') context.exit = EXIT.alreadyRunning;
    return;
  }
  const id = run.jobExecutionId;
  yield [await checkEnd(() => followRun({ api, output: context.output, signal: context.signal }, id))];
  yield [await checkHistory(api, id)];
}
