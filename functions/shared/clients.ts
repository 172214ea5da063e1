import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Table } from './dynamodb.ts';

let documents: DynamoDBDocumentClient | undefined;

/** All tables share one client, and its connections. */
export function createTable(name: string): Table {
  documents ??= createDocumentClient();
  return { client: documents, name };
}

function createDocumentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient();
  // It copies every answer for a logger that is not there, which takes a tenth of the CPU time of a quiet night.
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

export function createEventBridge(): EventBridgeClient {
  return new EventBridgeClient();
}

// GitHub waits 10 s for an answer to a delivery. Three attempts fit into that.
const QUEUE_TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 2_500, throwOnRequestTimeout: true };

export function createSqs(): SQSClient {
  return new SQSClient({ requestHandler: QUEUE_TIMEOUTS });
}

// A run does not wait long for its notification. Three attempts take less time than the function has.
const TOPIC_TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

export function createSns(): SNSClient {
  return new SNSClient({ requestHandler: TOPIC_TIMEOUTS });
}

export function createStepFunctions(): SFNClient {
  return new SFNClient();
}
