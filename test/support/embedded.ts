import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { openLog } from '../../cli/log-reader.ts';
import {
  type JobExecution,
  readExecution,
  requireExecution,
} from '../../functions/executions/job-execution.ts';
import { CHANGE_EVENT_SOURCE, type ChangeEvent } from '../../functions/shared/contract/events.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import type { RunOptions } from '../../functions/shared/contract/job-execution.ts';
import type { LogLine } from '../../functions/shared/contract/log-line.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import { logsClient, stepFunctionsClient } from '../../local/aws-clients.ts';
import { bringUp, type Surroundings } from '../../local/bring-up.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { IDENTITIES, readConfiguration, STAGE } from '../../local/configuration.ts';
import type { SimulatedGitHub } from '../../local/github/simulated-github.ts';
import { eventually } from './eventually.ts';
import { differencesFrom } from './openapi.ts';
import { workerStack } from './worker-stack.ts';

/** The whole product on this machine, and what tests do with it. */
export interface Embedded extends Omit<Surroundings, 'github'> {
  github: SimulatedGitHub;
  token: (scope?: string) => Promise<string>;
  get: (path: string, options?: { token?: string }) => Promise<Answer>;
  post: (path: string, options?: { token?: string; body?: string }) => Promise<Answer>;
  put: (path: string, options?: { token?: string }) => Promise<Answer>;
  /** Starts a run, and returns its record after it has ended. */
  run: (options?: Partial<RunOptions>) => Promise<JobExecution>;
  /**
   * Stops runs before they list the bank: GitHub does not answer until the returned function is called. A run that is
   * held is deferred after three timeouts of its client, 50 s.
   */
  hold: () => () => void;
  execution: (id: number) => Promise<JobExecution | undefined>;
  ended: (executionArn: string) => Promise<DescribeExecutionOutput>;
  log: (filterPattern?: string) => Promise<LogLine[]>;
  jobExecutions: Table;
  items: Table;
  /** Every event that was published, in order. */
  changeEvents: () => Promise<ChangeEvent[]>;
}

interface Answer {
  status: number;
  headers: Headers;
  /** Empty if the body is not JSON. */
  body: Record<string, unknown>;
  text: string;
}

interface EmbeddedOptions {
  environment?: Record<string, string>;
  assembly?: string;
  stateFolder?: string;
}

export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const stateFolder = options.stateFolder ?? (await mkdtemp(join(tmpdir(), 'item-sync-')));
  const { assembly, environment } = workerStack();
  const configuration = readConfiguration({
    ITEM_BANK_SIZE: '12',
    ITEM_BANK_WITHOUT_WEBHOOK: '3',
    // Most tests are about runs, which must find the changes themselves.
    GITHUB_DELIVERIES: 'off',
    ...environment,
    ...options.environment,
    LOCAL_STATE_FOLDER: stateFolder,
  });
  const surroundings = await bringUp(configuration, { assembly: options.assembly ?? assembly });
  const { cloud, github, identityProvider } = surroundings;
  if (github === undefined) throw new Error('startEmbedded needs a simulated organization');
  const stepFunctions = stepFunctionsClient(cloud.awsEndpoint);
  const jobExecutions = jobExecutionsTable(cloud.awsEndpoint);
  const token = (scope?: string) => getToken(identityProvider.tokenUrl, scope);
  const request = async (path: string, { token: given, ...init }: ApiRequest & { token?: string }) =>
    ask(cloud.apiEndpoint, path, { ...init, token: given ?? (await token()) });
  const post: Embedded['post'] = (path, options) => request(path, { ...options, method: 'POST' });
  const ended = (executionArn: string) =>
    eventually(async () => {
      const found = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return found.status === 'RUNNING' ? undefined : found;
    });
  return {
    ...surroundings,
    github,
    token,
    jobExecutions,
    items: tableOf(cloud.awsEndpoint, resourceNames(STAGE).itemsTable),
    get: (path, options) => request(path, { ...options, method: 'GET' }),
    post,
    put: (path, options) => request(path, { ...options, method: 'PUT' }),
    run: async (runOptions = {}) => {
      const { body } = await post('/sync', { body: JSON.stringify(runOptions) });
      await ended(String(body['executionArn']));
      return requireExecution(jobExecutions, jobExecutionId(Number(body['jobExecutionId'])));
    },
    hold: () => holdListings(github),
    execution: (id) => readExecution(jobExecutions, jobExecutionId(id)),
    ended,
    changeEvents: () => readChangeEvents(cloud),
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

function holdListings(github: SimulatedGitHub): () => void {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const change = async (answer: unknown) => {
    await released;
    return answer;
  };
  github.fail({ method: 'GET', pathPrefix: '/orgs/', times: Infinity, outcome: { change } });
  return () => {
    github.mend();
    release();
  };
}

export const jobExecutionsTable = (endpoint: string): Table =>
  tableOf(endpoint, resourceNames(STAGE).jobExecutionsTable);

function tableOf(endpoint: string, name: string): Table {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return { client: DynamoDBDocumentClient.from(client), name };
}

/** Reads the file in which the embedded cloud keeps what was put on the bus. */
async function readChangeEvents({ stateFolder }: Cloud): Promise<ChangeEvent[]> {
  const file = join(stateFolder, 'event-buses', `${resourceNames(STAGE).changeEventBus}.jsonl`);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const { source, 'detail-type': type, detail } = JSON.parse(line);
    expect(source).toBe(CHANGE_EVENT_SOURCE);
    return { type, detail };
  });
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

interface ApiRequest {
  method: string;
  body?: string;
}

/** Sends a request to the API. In every test, the exchange must match the description of the API. */
async function ask(
  endpoint: string,
  path: string,
  { token, ...init }: ApiRequest & { token: string },
): Promise<Answer> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${endpoint}${path}`, { ...init, headers });
  const { status } = answer;
  const contentType = answer.headers.get('content-type');
  const text = await answer.text();
  const isJson = contentType?.includes('json') === true;
  const exchange = { method: init.method, path, requestBody: init.body, status, contentType };
  expect(differencesFrom({ ...exchange, body: isJson ? JSON.parse(text) : text })).toEqual([]);
  return { status, headers: answer.headers, body: isJson ? JSON.parse(text) : {}, text };
}
