import { mkdir } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import { startDynamoDbEngine } from '../../local/cloud/dynamodb-engine.ts';
import { prepareStack } from '../../local/command.ts';
import { type Configuration, readConfiguration } from '../../local/configuration.ts';
import { getToken } from '../../local/start-run.ts';
import type { Closing } from '../closing.ts';
import { BANK } from '../github/bank.ts';
import { startChild } from '../processes/child.ts';
import { type DynamoDbMeter, startDynamoDbMeter } from './dynamodb-meter.ts';

export interface Ports {
  aws: number;
  api: number;
  identityProvider: number;
  github: number;
}

/** Where the embedded cloud receives deliveries. */
export const webhookUrl = ({ api }: Ports): string => `http://127.0.0.1:${api}${ROUTES.receiveWebhook.path}`;

/** The configuration of the embedded cloud, which uses the simulated GitHub like a real one on another host. */
export function environmentOf({ aws, api, identityProvider, github }: Ports): Record<string, string> {
  return {
    LOCAL_AWS_PORT: String(aws),
    LOCAL_API_PORT: String(api),
    LOCAL_IDENTITY_PORT: String(identityProvider),
    ITEM_BANK_ORG: BANK.organization,
    GITHUB_API_URL: `http://127.0.0.1:${github}`,
    GITHUB_TOKEN: BANK.token,
    PROJECT_WEBHOOK_URL: BANK.projectWebhookUrl,
    PROJECT_WEBHOOK_SECRET: BANK.webhookSecret,
  };
}

export const configurationOf = (environment: Record<string, string>): Configuration =>
  prepareStack(['--write'], readConfiguration(environment));

/** The product in the embedded cloud, which runs in a separate process with a metered DynamoDB. */
export interface Installation {
  names: ReturnType<typeof resourceNames>;
  awsEndpoint: string;
  apiEndpoint: string;
  meter: DynamoDbMeter;
  /** For the benchmark itself, whose reads and writes are not counted. */
  jobExecutions: Table;
  itemsTable: Table;
  token: () => Promise<string>;
  /** The largest number of bytes that a worker used since the last call. */
  workerBytes: () => Promise<number>;
}

export interface InstallationPlan {
  ports: Ports;
  /** An empty folder. */
  stateFolder: string;
  assemblyFolder: string;
  /** Each part is added as soon as it is up. */
  closing: Closing;
}

const Started = z.object({ awsEndpoint: z.string(), apiEndpoint: z.string(), tokenUrl: z.string() });
const Memory = z.object({ bytes: z.number() });

export async function install(plan: InstallationPlan): Promise<Installation> {
  const { ports, stateFolder, assemblyFolder, closing } = plan;
  const environment = { ...environmentOf(ports), LOCAL_STATE_FOLDER: stateFolder };
  await mkdir(stateFolder, { recursive: true });
  const engine = await startDynamoDbEngine(stateFolder);
  closing.add(engine.close);
  const meter = await startDynamoDbMeter(engine.url);
  closing.add(meter.close);
  const cloud = await startChild('cloud-process.ts', {
    options: { environment, assembly: assemblyFolder },
    environment: { AWS_ENDPOINT_URL_DYNAMODB: meter.url },
    started: Started,
  });
  closing.add(cloud.end);
  const { tokenUrl, ...endpoints } = cloud.started;
  const client = documentClient(engine.url);
  closing.add(async () => client.destroy());
  const names = resourceNames(configurationOf(environment).stage);
  return {
    names,
    ...endpoints,
    meter,
    jobExecutions: { client, name: names.jobExecutionsTable },
    itemsTable: { client, name: names.itemsTable },
    token: () => getToken(tokenUrl),
    workerBytes: async () => (await cloud.ask('memory', Memory)).bytes,
  };
}

function documentClient(endpoint: string): DynamoDBDocumentClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
