import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AwsOutcome } from './aws-faults.ts';
import { type AwsCall, tableCallOf } from './calls.ts';
import type { Script } from './script.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** A request that nobody answers. */
export const never = <Answer>(): Promise<Answer> => new Promise(() => {});

/** Milliseconds that AWS takes to answer. */
const LATENCY = { from: 2, to: 15 };

type Handler = DynamoDBClient['config']['requestHandler'];
type AwsRequest = Parameters<Handler['handle']>[0];
type AwsAnswer = Awaited<ReturnType<Handler['handle']>>;

/** A service of AWS. @param input the body of the request */
type Service = (operation: string, input: unknown, outcome: AwsOutcome | undefined) => Promise<AwsAnswer>;

interface Wire {
  time: SimulatedTime;
  script: Script;
  callOf: (operation: string) => AwsCall;
}

/** What SDK clients send their requests through. Incidents happen on it. */
function handlerOver(
  { time, script, callOf }: Wire,
  service: (request: AwsRequest, outcome: AwsOutcome | undefined) => Promise<AwsAnswer>,
): Handler {
  const handle = async (request: AwsRequest): Promise<AwsAnswer> => {
    await time.sleep(time.random.integer(LATENCY.from, LATENCY.to));
    const outcome = await script.aws(callOf(operationOf(request)));
    if (time.owner()?.isDead || (outcome && 'answer' in outcome)) return never();
    if (outcome && 'status' in outcome)
      return answerOf({ __type: outcome.error, message: 'injected' }, outcome.status);
    if (outcome && 'connection' in outcome && outcome.connection === 'dropped-before-work') throw dropped();
    const answer = await service(request, outcome);
    if (outcome && 'connection' in outcome) throw dropped();
    return answer;
  };
  return { handle, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) } as Handler;
}

/** Passes requests on to a real engine. */
export const tableHandler = (wire: Omit<Wire, 'callOf'>, engine: Handler): Handler =>
  handlerOver({ ...wire, callOf: tableCallOf }, (request) =>
    wire.time.outside(async () => {
      const { response } = await engine.handle(request);
      const body = Buffer.concat(await response.body.toArray());
      return { response: Object.assign(response, { body }) };
    }),
  );

const operationOf = ({ headers }: AwsRequest): string => headers['x-amz-target']?.split('.').at(-1) ?? '';

/** Hands the requests to a service of this process. */
export const serviceHandler = (wire: Wire, service: Service): Handler =>
  handlerOver(wire, (request, outcome) =>
    service(operationOf(request), JSON.parse(new TextDecoder().decode(request.body)), outcome),
  );

export function answerOf(content: object, statusCode = 200): AwsAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  const response = { statusCode, headers, body: Buffer.from(JSON.stringify(content)) };
  return { response } as unknown as AwsAnswer;
}

const dropped = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** The options of every client of the SDK. Without the last two, each client would read files first. */
export const CLIENT = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 3,
  retryMode: 'standard',
};
