import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Surroundings } from './bring-up.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { type Configuration, IDENTITIES } from './configuration.ts';
import { describeBank, type ItemBank } from './item-bank.ts';

const READ_TOKEN = `node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).access_token'`;

/** Makes the body that commits a file from the answer with the file. Any item.json is still valid with a line more. */
const APPEND_LINE = `const { sha, content } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const changed = Buffer.from(Buffer.from(content, "base64") + "\\n").toString("base64");
    JSON.stringify({ message: "Try live updates", sha, content: changed })`;

export interface Facts {
  /** Lines about the runs that were interrupted. */
  interrupted: readonly string[];
  /** The name of a repository of the bank. */
  repository: string;
}

/** How to use the stack, with commands to paste. */
export function formatGuide(
  { cloud, identityProvider }: Surroundings,
  configuration: Configuration,
  { interrupted, repository }: Facts,
): string {
  const { bank } = configuration;
  const { client, user } = IDENTITIES;
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
${interrupted.map((line) => `\n${line}\n`).join('')}
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

Follow its log, with the environment variables of this command:

  npm run logs -- --follow

View an item after the run:

  curl -s -H "Authorization: Bearer $TOKEN" "${cloud.apiEndpoint}/items?repository=${repository}"

Ask about runs and items, or stop a run. ${cloud.apiEndpoint}/openapi.json describes all routes:

  npx item-sync status

${formatChange(bank, repository)}${formatExports(cloud, configuration)}
These resources have no effect here:

${formatInert(cloud.inert)}
`;
}

/** How to see a live update. Nothing is changed in a real organization. */
function formatChange(bank: ItemBank, repository: string): string {
  if (bank.kind === 'real' || bank.deliveries === 'off') return '';
  const { apiUrl, organization, secret } = bank;
  return `Commit a change of the item, which the webhook of its repository reports. View the item again after two seconds:

  ITEM_JSON=${apiUrl}/repos/${organization}/${repository}/contents/item.json
  GITHUB='Authorization: Bearer ${secret.githubToken}'
  curl -s -H "$GITHUB" $ITEM_JSON | node -p '${APPEND_LINE}' |
    curl -s -X PUT -H "$GITHUB" -d @- $ITEM_JSON

`;
}

/** The names of the stack's resources as environment variables, for the AWS CLI. */
export function formatExports(
  { awsEndpoint, outputs }: RunningCloud,
  { stage }: Pick<Configuration, 'stage'>,
): string {
  const names = resourceNames(stage);
  return `Use the AWS CLI:

  export AWS_ENDPOINT_URL=${awsEndpoint} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  export LOG_GROUP=${names.logGroup}
  export STATE_MACHINE=${outputs['StateMachineArn']}
  export ITEMS_TABLE=${names.itemsTable}
  export JOB_EXECUTIONS_TABLE=${names.jobExecutionsTable}
  export CHANGE_EVENT_BUS=${names.changeEventBus}
  export GITHUB_SECRET=${names.githubSecret}
  export DELIVERY_QUEUE=${outputs['DeliveryQueueUrl']}
  export FAILED_DELIVERY_QUEUE=${outputs['FailedDeliveryQueueUrl']}

  aws logs tail "$LOG_GROUP" --since 10m --format short --follow
  aws stepfunctions list-executions --state-machine-arn "$STATE_MACHINE"
  aws dynamodb scan --table-name "$ITEMS_TABLE" --select COUNT
`;
}

function formatInert(resources: Surroundings['cloud']['inert']): string {
  const byType = Map.groupBy(resources, ({ type, reason }) => `${type}: ${reason}`);
  return [...byType].map(([what, { length }]) => `  ${length} × ${what}`).join('\n');
}
