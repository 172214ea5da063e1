import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { type LogLine, resourceNames } from '../../functions/contract.ts';
import type { Table } from '../../functions/dynamodb.ts';
import type { JobExecution } from '../../functions/executions/job-execution.ts';
import { readExecution } from '../../functions/executions/lock.ts';
import { jobExecutionId } from '../../functions/vocabulary.ts';
import { logsClient, stepFunctionsClient } from '../../local/aws-clients.ts';
import { bringUp, type Surroundings } from '../../local/bring-up.ts';
import { IDENTITIES, readConfiguration, STAGE } from '../../local/configuration.ts';
import { openLog } from '../../local/log-reader.ts';

/** The whole product on this machine, and what a test asks of it. */
export interface Embedded extends Surroundings {
  token: (scope?: string) => Promise<string>;
  post: (path: string, options?: { token?: string; body?: string }) => Promise<Answer>;
  execution: (id: number) => Promise<JobExecution | undefined>;
  ended: (executionArn: string) => Promise<DescribeExecutionOutput>;
  log: (filterPattern?: string) => Promise<LogLine[]>;
  jobExecutions: Table;
}

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

interface EmbeddedOptions {
  environment?: Record<string, string>;
  assembly?: string;
  stateFolder?: string;
}

export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const stateFolder = options.stateFolder ?? (await mkdtemp(join(tmpdir(), 'item-sync-')));
  const configuration = readConfiguration({
    ITEM_BANK_SIZE: '230',
    ITEM_BANK_WITHOUT_WEBHOOK: '3',
    ...inject('environment'),
    ...options.environment,
    LOCAL_STATE_FOLDER: stateFolder,
  });
  const surroundings = await bringUp(configuration, options.assembly ?? inject('assembly'));
  const { cloud, identityProvider } = surroundings;
  const stepFunctions = stepFunctionsClient(cloud.awsEndpoint);
  const jobExecutions = jobExecutionsTable(cloud.awsEndpoint);
  const token = (scope?: string) => getToken(identityProvider.tokenUrl, scope);
  return {
    ...surroundings,
    token,
    jobExecutions,
    post: async (path, { token: given, body } = {}) =>
      request(`${cloud.apiEndpoint}${path}`, { token: given ?? (await token()), body }),
    execution: (id) => readExecution(jobExecutions, jobExecutionId(id)),
    ended: (executionArn) =>
      eventually(async () => {
        const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status === 'RUNNING' ? undefined : execution;
      }),
    log: (filterPattern) =>
      openLog({
        client: logsClient(cloud.awsEndpoint),
        logGroupName: resourceNames(STAGE).logGroup,
        ...(filterPattern !== undefined && { filterPattern }),
      })(),
    close: async () => {
      await surroundings.close();
      if (options.stateFolder === undefined) await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

export function jobExecutionsTable(endpoint: string): Table {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return { client: DynamoDBDocumentClient.from(client), name: resourceNames(STAGE).jobExecutionsTable };
}

async function getToken(tokenUrl: string, scope = IDENTITIES.scopes.join(' ')): Promise<string> {
  const { client } = IDENTITIES;
  const form = {
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
    scope,
  };
  const answer = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  const body = (await answer.json()) as { access_token: string };
  return body.access_token;
}

async function request(
  url: string,
  { token, body }: { token: string; body: string | undefined },
): Promise<Answer> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

/** Asks again until there is an answer. The test's own timeout is the limit. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(20);
  }
}
