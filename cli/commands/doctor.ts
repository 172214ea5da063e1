import { Command } from '@commander-js/extra-typings';
import { isSecureUrl, SECURE_URL_RULE } from '../../functions/shared/contract/environment.ts';
import {
  checkLastRun,
  checkReachable,
  checkReadScope,
  checkSyncScope,
  checkToken,
} from '../checks/api-checks.ts';
import { checkAws, checkAwsUnknown } from '../checks/aws-checks.ts';
import { type Check, ok } from '../checks/check.ts';
import { checkGitHub } from '../checks/github-checks.ts';
import { checkClaims, checkKeySet } from '../checks/issuer-checks.ts';
import { reportChecks } from '../checks/report-checks.ts';
import { readClaims } from '../checks/token-claims.ts';
import { awsOf } from '../connection/aws.ts';
import type { Connection, GitHubAccess } from '../connection/connection.ts';
import { Secret } from '../connection/secret.ts';
import { apiOf, type Context, connect, senderOf } from '../context.ts';
import { UsageError } from '../usage-error.ts';

export const doctorCommand = (context: Context) =>
  new Command('doctor')
    .description('check the connection, the token, the AWS resources and the GitHub credential, with advice')
    .option('--stage <stage>', 'the deployed stage whose AWS resources are checked')
    .action(async ({ stage }) => {
      const connection = await connect(context, stage);
      await reportChecks(context, carryOut(context, connection));
    });

/** In order of dependency: a check that fails may explain those after it. */
async function* carryOut(context: Context, connection: Connection): AsyncGenerator<Check[]> {
  const send = senderOf(context);
  yield [ok('connection', `${connection.apiUrl}, from ${connection.source}`)];
  yield checkReachable(connection, send);
  const { check, token } = await checkToken(connection, send);
  yield [check];
  if (token !== undefined) {
    const api = apiOf(context, connection);
    const claims = readClaims(token);
    yield [checkClaims(claims)];
    yield [await checkKeySet({ claims, jwksUri: connection.local?.jwksUri, send })];
    yield Promise.all([checkReadScope(api), checkSyncScope(api), checkLastRun(api)]);
  }
  yield connection.stage === undefined
    ? [checkAwsUnknown('Name it with --stage, ITEM_SYNC_STAGE or in the profile, and sign in to AWS.')]
    : checkAws(awsOf(connection));
  const github = connection.local?.github ?? githubOf(context.env);
  yield checkGitHub({ github, apiUrl: connection.apiUrl, send });
}

/** @throws UsageError if the credential would be sent unencrypted. */
function githubOf(env: NodeJS.ProcessEnv): Partial<GitHubAccess> {
  // The names that npm run sync uses as well, so that one environment serves both.
  const { GITHUB_TOKEN: token, GITHUB_API_URL: apiUrl, ITEM_SYNC_ORGANIZATION: organization } = env;
  if (apiUrl && !isSecureUrl(apiUrl)) throw new UsageError(`GITHUB_API_URL ${SECURE_URL_RULE}.`);
  return {
    ...(token && { token: new Secret(token.trim()) }),
    ...(apiUrl && { apiUrl: apiUrl.replace(/\/$/, '') }),
    ...(organization && { organization }),
  };
}
