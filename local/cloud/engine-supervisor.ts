import type { DynamoDbEngine } from './dynamodb-engine.ts';
import { CloudError } from './errors.ts';

export interface SupervisedEngine {
  /** Where the engine answers. Waits while it is being restarted. @throws {CloudError} EngineLost */
  url(): Promise<string>;
  close(): Promise<void>;
}

export interface SupervisorOptions {
  start: () => Promise<DynamoDbEngine>;
  /** Receives a line for each restart. */
  report: (line: string) => void;
  /** Receives the error that makes the engine unusable for good. */
  fail: (error: CloudError) => void;
  /** An engine that ends more often within the window is not restarted again. */
  restarts?: { max: number; windowMs: number };
}

/**
 * How long requests wait for an engine that has ended, which is longer than a restart takes, and how often they look for
 * the next one. Their clients retry afterwards.
 */
export const WAIT_FOR_RESTART = { limitMs: 10_000, pollMs: 20 };

const RESTARTS = { max: 5, windowMs: 60_000 };

/** Starts the engine, and starts it again whenever it ends by itself. Its data is in the state folder. */
export async function superviseEngine(options: SupervisorOptions): Promise<SupervisedEngine> {
  const first = await options.start();
  let current = Promise.resolve(first);
  let isClosing = false;
  const supervise = async () => {
    const restart = createRestart(options);
    for (let engine = first; ; engine = await current) {
      const reason = await engine.ended;
      if (isClosing) return;
      current = restart(reason);
    }
  };
  supervise().catch((error: CloudError) => {
    if (!isClosing) options.fail(error);
  });
  return {
    url: async () => (await current).url,
    close: async () => {
      isClosing = true;
      // An engine that could not be restarted has ended.
      await (await current.catch(() => undefined))?.close();
    },
  };
}

function createRestart({ start, report, restarts = RESTARTS }: SupervisorOptions) {
  const endedAt: number[] = [];
  return async (reason: string): Promise<DynamoDbEngine> => {
    const now = performance.now();
    endedAt.push(now);
    const recent = endedAt.filter((at) => now - at <= restarts.windowMs).length;
    if (recent > restarts.max) {
      const seconds = restarts.windowMs / 1000;
      throw lost(`The DynamoDB engine ended ${recent} times within ${seconds} s, at last with ${reason}.`);
    }
    const engine = await start().catch((cause: Error) => {
      const sentence = `The DynamoDB engine ended with ${reason} and could not be restarted: ${cause.message}`;
      throw lost(sentence, { cause });
    });
    report(`The DynamoDB engine ended with ${reason} and was restarted. Its data is kept.`);
    return engine;
  };
}

const lost = (message: string, options?: ErrorOptions) => new CloudError('EngineLost', message, options);
