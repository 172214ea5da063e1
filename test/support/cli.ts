import type { HttpAnswer } from '../../cli/api/http.ts';
import type { LocalStack } from '../../cli/connection/connection.ts';
import type { Exit } from '../../cli/exit.ts';
import { createOutput } from '../../cli/output.ts';
import { runCommandLine } from '../../cli/run.ts';

export interface CliRequest {
  method: string;
  url: URL;
  /** The parsed JSON, or the members of the form. */
  body: unknown;
  authorization: string | undefined;
}

interface ScriptedAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Text is sent unchanged. */
  body?: unknown;
}

export interface CliOptions {
  /** Without it, every request fails the test. */
  answer?: (request: CliRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;
  env?: Record<string, string>;
  stdin?: string;
  isTTY?: boolean;
  localStack?: LocalStack;
  signal?: AbortSignal;
}

export interface CliEnd {
  exit: Exit;
  stdout: string;
  stderr: string;
  requests: CliRequest[];
}

export const API_URL = 'https://api.example.com';
export const TOKEN = 'a-token-that-nobody-may-see';

/** An environment that names an API and has a token. */
const ENV = { ITEM_SYNC_API_URL: API_URL, ITEM_SYNC_TOKEN: TOKEN };

/** Runs `item-sync` in this process, with scripted answers instead of a network. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const { env = ENV, stdin = '', isTTY = false, localStack, signal = new AbortController().signal } = options;
  const end: Omit<CliEnd, 'exit'> = { stdout: '', stderr: '', requests: [] };
  const streamOf = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 120,
    write: (text: string | Uint8Array): boolean => {
      end[name] += String(text);
      return true;
    },
  });
  const exit = await runCommandLine(args, {
    env,
    output: createOutput({ stdout: streamOf('stdout'), stderr: streamOf('stderr') }, env),
    signal,
    readStdin: async () => stdin,
    findLocalStack: async () => localStack,
    send: async (url, { method = 'GET', body, headers = {} }) => {
      const request: CliRequest = {
        method,
        url: new URL(url),
        body: bodyOf(body),
        authorization: headers['authorization'],
      };
      end.requests.push(request);
      if (options.answer === undefined) throw new Error(`nobody expected ${method} ${url}`);
      return toAnswer(await options.answer(request));
    },
  });
  return { ...end, exit };
}

function bodyOf(body: unknown): unknown {
  if (body instanceof URLSearchParams) return Object.fromEntries(body);
  return typeof body === 'string' ? JSON.parse(body) : undefined;
}

function toAnswer({ status = 200, headers = {}, body = {} }: ScriptedAnswer): HttpAnswer {
  return {
    status,
    headers: new Headers(headers),
    text: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** A run that has ended, as the API describes it. */
export const RUN = {
  jobExecutionId: 3,
  name: 'itemSynchronizationJob',
  status: 'COMPLETED',
  exitCode: 'COMPLETED',
  exitMessage: 'Total item bank ids: 1811',
  trigger: 'api',
  startedBy: 'alice',
  dryRun: false,
  removalLimitPercent: null,
  createTime: '2026-11-28T09:00:00.000Z',
  startTime: '2026-11-28T09:00:01.000Z',
  endTime: '2026-11-28T09:02:06.000Z',
  durationSeconds: 125,
  total: 1_811,
  outcomes: { created: 1, updated: 2, derived: 0, unchanged: 1_805, removed: 1, deferred: 0, failed: 3 },
  restartOf: null,
  restartedBy: null,
  stoppedBy: null,
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:item-sync-prod:sync-3-x',
  consoleUrl: 'https://us-east-1.console.aws.amazon.com/states/home',
  done: 1_811,
  webhooks: { present: 1_801, created: 10 },
  requiringProjectWebhook: 10,
  changedWithoutDelivery: 1,
  itemsWithFieldIssues: 0,
  waits: [],
  forecast: { webhookShare: 1, webhookChecks: 1_811, requests: { reads: 1_830, queries: 22 } },
  requests: { reads: 1_830, writes: 10, queries: 355, queryMs: 9_000, refused: 0 },
  estimatedEnd: null,
  itemsKeptUntil: '2026-12-28T09:00:00.000Z',
} as const;

/** The same run while it is working. */
export const WORKING_RUN = {
  ...RUN,
  status: 'STARTED',
  exitCode: null,
  exitMessage: null,
  endTime: null,
  done: 905,
};
