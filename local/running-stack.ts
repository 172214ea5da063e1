import { join } from 'node:path';
import type { LocalStack } from '../cli/connection/connection.ts';
import { Secret } from '../cli/connection/secret.ts';
import { findRunningCloud } from './cloud/state-folder.ts';
import { IDENTITIES, readConfiguration } from './configuration.ts';

/**
 * Finds the stack that `npm start` or `npm run sync` is running for the item bank of this environment, for item-sync.
 *
 * @throws UsageError if the environment is not valid.
 */
export async function findRunningStack(
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalStack | undefined> {
  const { stateFolder, stage, bank } = readConfiguration(env);
  const cloud = await findRunningCloud(join(stateFolder, 'cloud'));
  if (cloud === undefined) return undefined;
  const { tokenIssuer = '', tokenJwksUri: jwksUri = '' } = cloud.notes;
  const token = bank.kind === 'simulated' ? bank.secret.githubToken : bank.token;
  return {
    apiUrl: cloud.apiEndpoint.replace(/\/$/, ''),
    stage,
    awsEndpoint: cloud.awsEndpoint,
    jwksUri,
    tokenUrl: `${tokenIssuer}/token`,
    client: IDENTITIES.client,
    github: {
      apiUrl: bank.apiUrl,
      organization: bank.organization,
      ...(token !== undefined && { token: new Secret(token) }),
    },
  };
}
