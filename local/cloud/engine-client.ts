import { Agent, type IncomingHttpHeaders, request } from 'node:http';

import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from './aws-service.ts';
import { collect } from './collect.ts';
import { type SupervisedEngine, WAIT_FOR_RESTART } from './engine-supervisor.ts';
import { within } from './within.ts';

/** A request to DynamoDB as the client sent it. */
interface EngineRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface EngineAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface EngineClient {
  /** @throws {AwsError} that clients of DynamoDB retry */
  send(request: EngineRequest): Promise<EngineAnswer>;
  close(): void;
}

export interface EngineClientOptions {
  engine: Pick<SupervisedEngine, 'url'>;
  /** Receives a line when the engine cannot be reached, once until it answers again. */
  report: (line: string) => void;
  waitMs?: number;
}

/** These describe one connection, and there are two. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const OF_A_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host'];

/** Forwards requests to the engine. A request that arrives while the engine is being restarted waits for it. */
export function createEngineClient({
  engine,
  report,
  waitMs = WAIT_FOR_RESTART.limitMs,
}: EngineClientOptions): EngineClient {
  const agent = new Agent({ keepAlive: true });
  let isReported = false;
  const unavailable = () => {
    if (!isReported) report('The DynamoDB engine does not answer. Requests to it fail until it does.');
    isReported = true;
    return new AwsError('ServiceUnavailable', 'The DynamoDB engine does not answer.', 503);
  };
  /** Waits until the supervisor has replaced the engine at this address. Before, a retry would fail in the same way. */
  const replaced = async (url: string, deadline: number): Promise<void> => {
    while (performance.now() < deadline && (await engine.url().catch(() => undefined)) === url)
      await delay(WAIT_FOR_RESTART.pollMs);
  };
  const send = async (sent: EngineRequest): Promise<EngineAnswer> => {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const url = await within(Math.max(1, deadline - performance.now()), engine.url()).catch(
        () => undefined,
      );
      if (url === undefined) throw unavailable();
      try {
        const answer = await forward(sent, { url, agent });
        isReported = false;
        return answer;
      } catch (error) {
        // Only a refused connection proves that the engine has not seen the request.
        if (!isRefused(error)) {
          await replaced(url, deadline);
          throw interrupted();
        }
        if (performance.now() >= deadline) throw unavailable();
        // The engine has ended, but its supervisor has not noticed yet.
        await delay(WAIT_FOR_RESTART.pollMs);
      }
    }
  };
  return { send, close: () => agent.destroy() };
}

const interrupted = () =>
  new AwsError('InternalServerError', 'The DynamoDB engine ended before it answered the request.', 500);

const isRefused = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';

interface Destination {
  url: string;
  agent: Agent;
}

function forward(sent: EngineRequest, { url, agent }: Destination): Promise<EngineAnswer> {
  const { origin: _origin, ...headers } = withoutConnection(sent.headers);
  const options = {
    agent,
    method: sent.method,
    headers: { ...headers, 'content-length': sent.body.length },
  };
  return new Promise((resolve, reject) => {
    const forwarded = request(new URL(sent.path, url), options, (answered) => {
      const { statusCode: status = 502 } = answered;
      const answer = (body: Buffer) => ({ status, headers: withoutConnection(answered.headers), body });
      collect(answered).then(answer).then(resolve, reject);
    });
    forwarded.once('error', reject);
    forwarded.end(sent.body);
  });
}

const withoutConnection = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_A_CONNECTION.includes(name)));
