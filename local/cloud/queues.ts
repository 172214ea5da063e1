import { z } from 'zod';
import { AwsError } from './aws-service.ts';
import { queueUrl } from './running-resource.ts';
import type { Stack, StackResource } from './stack.ts';

type QueueResource = StackResource<'AWS::SQS::Queue'>;

/** The queues of the template. They are in memory: all messages are lost when the process ends. */
export interface Queues {
  all: readonly QueueResource[];
  /**
   * Performs an operation of SQS on a queue, which the input names by its URL.
   * @throws {AwsError} as SQS answers
   */
  call(operation: string, input: object): Promise<object>;
  /** Sends a text, which must be JSON, to the queue with this ARN. */
  send(queueArn: string, body: string, attributes: MessageAttributes): Promise<void>;
  /** Loads the engine, which takes longer than what is done with it. */
  load(): Promise<void>;
  /** Resolves when a queue is used for the first time. Until then, all queues are empty. */
  used: Promise<void>;
  close(): Promise<void>;
}

export type MessageAttributes = Record<string, { DataType: 'String' | 'Number'; StringValue: string }>;

/** A URL for the engine, which finds a queue by its name alone. */
export const engineUrlOf = (queueArn: string) => queueUrl('http://localhost', nameIn(queueArn));

const nameIn = (queueArn: string) => queueArn.split(':').at(-1) ?? '';

/** The engine refuses characters beyond the Basic Multilingual Plane, which SQS accepts. JSON can escape them. */
const escaped = (json: string) =>
  json.replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);

/** Does not load the engine before a queue is used, because most runs use none. */
export function openQueues(stack: Pick<Stack, 'all'>): Queues {
  const all = stack.all('AWS::SQS::Queue');
  const { promise: used, resolve: use } = Promise.withResolvers<void>();
  let engine: Promise<Engine> | undefined;
  let isOpen = true;
  const load = () => {
    engine ??= startEngine(all);
    return engine;
  };
  const call = async (operation: string, input: object) => {
    if (!isOpen) throw new AwsError('ServiceUnavailable', 'The cloud is closed.', 503);
    const { perform } = await load();
    use();
    return perform(operation, input);
  };
  return {
    all,
    call,
    send: async (queueArn, body, MessageAttributes) => {
      await call('SendMessage', {
        QueueUrl: engineUrlOf(queueArn),
        MessageBody: escaped(body),
        MessageAttributes,
      });
    },
    load: async () => void (await load()),
    used,
    close: async () => {
      isOpen = false;
      await (await engine)?.close();
    },
  };
}

interface Engine {
  perform(operation: string, input: object): Promise<object>;
  close(): Promise<void>;
}

const failure = z.object({ __type: z.string(), message: z.string() });

/** Starts the engine without a port of its own: its server never listens, and requests are passed to it directly. */
async function startEngine(queues: readonly QueueResource[]): Promise<Engine> {
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false });
  const perform = async (operation: string, input: object): Promise<object> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      payload: JSON.stringify(input),
    });
    if (answer.statusCode === 200) return Object(answer.json());
    const { __type, message } = failure.parse(answer.json());
    throw new AwsError(__type.replace(/^.*#/, ''), message, answer.statusCode);
  };
  for (const queue of queues)
    await perform('CreateQueue', { QueueName: queue.name, Attributes: attributesOf(queue) });
  return { perform, close: async () => app.close() };
}

/** SQS has text for every attribute. */
function attributesOf({ properties }: QueueResource): Record<string, string> {
  const { QueueName: _name, RedrivePolicy, ...numbers } = properties;
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
    ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
  };
}
