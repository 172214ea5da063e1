import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { listen } from './http.ts';

export const STATE_MACHINE_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:item-sync-test';

interface KnownExecution {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';
  error?: string;
  cause?: string;
  input?: string;
}

type Misbehaviour =
  /** The connection breaks; `done` tells whether the request was carried out before. */
  { unanswered: true; done: boolean } | { status: number; error: string };

export interface StepFunctions {
  readonly client: SFNClient;
  /** What it knows, by ARN. */
  readonly executions: Map<string, KnownExecution>;
  /** Every request in its order, as `DescribeExecution <arn>` and `StartExecution <name>`. */
  readonly requests: string[];
  /** How the next request of an action ends. The action is StartExecution by default. */
  misbehave: (how: Misbehaviour, action?: string) => void;
}

/** A real client before a small Step Functions of one state machine, forgotten between the tests of a file. */
export function useStepFunctions(): StepFunctions {
  const executions = new Map<string, KnownExecution>();
  const requests: string[] = [];
  const misbehaviours: Script['misbehaviours'] = [];
  const service = createService({ executions, requests, misbehaviours });
  const server = createServer((request, response) => void service(request, response));
  let client: SFNClient | undefined;

  beforeAll(async () => {
    client = new SFNClient({
      endpoint: await listen(server),
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });
  beforeEach(() => {
    executions.clear();
    requests.length = 0;
    misbehaviours.length = 0;
  });
  afterAll(() => {
    client?.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    get client() {
      if (!client) throw new Error('there is no client before the tests begin');
      return client;
    },
    executions,
    requests,
    misbehave: (how, action = 'StartExecution') => void misbehaviours.push({ how, action }),
  };
}

interface Script extends Pick<StepFunctions, 'executions' | 'requests'> {
  misbehaviours: { how: Misbehaviour; action: string }[];
}

type Answer = [status: number, body: Record<string, unknown>];

function createService({ executions, requests, misbehaviours }: Script) {
  const known = (): Answer => [200, { executionArn: 'known', startDate: 0 }];
  const fault = (status: number, error: string): Answer => [status, { __type: error, message: `a ${error}` }];

  const start = ({ stateMachineArn, name, input }: Record<string, string>): Answer => {
    const arn = `${stateMachineArn?.replace(':stateMachine:', ':execution:')}:${name}`;
    const before = executions.get(arn);
    if (!before) executions.set(arn, { status: 'RUNNING', ...(input !== undefined && { input }) });
    else if (before.status !== 'RUNNING' || before.input !== input)
      return fault(400, 'ExecutionAlreadyExists');
    return known();
  };
  const describe = ({ executionArn = '' }: Record<string, string>): Answer => {
    const execution = executions.get(executionArn);
    return execution ? [200, { executionArn, ...execution }] : fault(400, 'ExecutionDoesNotExist');
  };

  const stop = ({ executionArn = '' }: Record<string, string>): Answer => {
    const execution = executions.get(executionArn);
    if (!execution) return fault(400, 'ExecutionDoesNotExist');
    if (execution.status === 'RUNNING') executions.set(executionArn, { ...execution, status: 'ABORTED' });
    return [200, { stopDate: 0 }];
  };
  const actions: Record<string, (input: Record<string, string>) => Answer> = {
    StartExecution: start,
    DescribeExecution: describe,
    StopExecution: stop,
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const action = String(request.headers['x-amz-target']).split('.').at(-1);
    const input = JSON.parse(await text(request)) as Record<string, string>;
    requests.push(`${action} ${input['name'] ?? input['executionArn']}`);
    const how = action === misbehaviours[0]?.action ? misbehaviours.shift()?.how : undefined;
    if (how && 'status' in how) return answer(response, fault(how.status, how.error));
    if (how?.done !== false) {
      const result = actions[action ?? '']?.(input) ?? fault(400, 'UnknownOperation');
      if (!how) return answer(response, result);
    }
    request.socket.destroy();
  };
}

function answer(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
