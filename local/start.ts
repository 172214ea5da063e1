import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Surroundings } from './bring-up.ts';
import { type Command, checkArguments, EXIT, interruption, withWriteOption } from './command.ts';
import { type Configuration, IDENTITIES } from './configuration.ts';
import { describeBank } from './item-bank.ts';

/** Starts everything, says how to use it, and runs until it is interrupted. */
export const run: Command = async (args, { configuration: given, screen }) => {
  checkArguments(args, ['--write'], 'npm start [-- --write]');
  const configuration = withWriteOption(args, given);
  const { bringUp } = await screen.phase('loading the embedded cloud', () => import('./bring-up.ts'));
  const surroundings = await bringUp(configuration, { screen });
  screen.close();
  console.log(formatGuide(surroundings, configuration));
  await interruption();
  console.log('\nEnding. Running executions go on with the next start.');
  await surroundings.close();
  return EXIT.completed;
};

const READ_TOKEN = `node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).access_token'`;

function formatGuide({ cloud, identityProvider }: Surroundings, { bank, stage }: Configuration): string {
  const { client, user } = IDENTITIES;
  const names = resourceNames(stage);
  return `The stack ${cloud.stackName} is up. Ctrl-C ends it.

  API                ${cloud.apiEndpoint}
  AWS endpoint       ${cloud.awsEndpoint}
  identity provider  ${identityProvider.issuer}
  GitHub             ${bank.apiUrl}
  item bank          ${describeBank(bank)}${bank.dryRunOnly ? ': every run is a dry run and writes nothing' : ''}
${cloud
  .nextRuns()
  .map(({ rule, at }) => `  next run           ${at.toISOString()} by ${rule}`)
  .join('\n')}

Get a token as an operator:

  TOKEN=$(curl -s -X POST \\
     -H "Content-Type:application/x-www-form-urlencoded" \\
     -d "grant_type=password" \\
     -d "username=${user.name}" \\
     -d "password=${user.password}" \\
     -d "client_id=${client.id}" \\
     -d "client_secret=${client.secret}" \\
   '${identityProvider.operatorsTokenUrl}' | ${READ_TOKEN})

or as a service:

  TOKEN=$(curl -s -d grant_type=client_credentials -d client_id=${client.id} \\
   -d client_secret=${client.secret} ${identityProvider.tokenUrl} | ${READ_TOKEN})

Start the Item Synchronization Process:

  curl -i -X POST -H "Authorization: Bearer $TOKEN" ${cloud.apiEndpoint}/sync

Follow its log (${names.logGroup}):

  npm run logs -- --follow

These resources have no effect here:

${formatInert(cloud.inert)}
`;
}

function formatInert(resources: Surroundings['cloud']['inert']): string {
  const byType = Map.groupBy(resources, ({ type, reason }) => `${type}: ${reason}`);
  return [...byType].map(([what, { length }]) => `  ${length} × ${what}`).join('\n');
}
