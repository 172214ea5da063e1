import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { nameAwsTrouble } from './aws-errors.ts';
import type { Clock } from './clock.ts';
import type { Environment } from './config.ts';
import { isSyncError } from './errors.ts';
import { type Log, logger } from './logger.ts';

/** What every invocation has at hand, beside what the entry point builds once per container. */
export interface Invocation extends Clock {
  log: Log;
  /** Milliseconds until Lambda ends the invocation. */
  remainingTimeMs: () => number;
}

/**
 * Wraps a function for Lambda: dependencies are built on the first invocation and kept, every line of the log
 * carries the request id and, where the event has one, the job execution id, and no failure goes unlogged.
 */
export function entryPoint<Dependencies, Event, Result>(
  build: (env: Environment) => Dependencies,
  handle: (dependencies: NoInfer<Dependencies> & Invocation, event: Event) => Promise<Result>,
) {
  let built: Dependencies | undefined;
  return middy<Event, Result, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use({ before: tagWithJobExecution, onError: logFailure })
    .handler(async (event: Event, context: Context) => {
      built ??= build(process.env);
      try {
        return await handle({ ...built, ...invocation(context) }, event);
      } catch (error) {
        throw nameAwsTrouble(error);
      }
    });
}

function invocation(context: Context): Invocation {
  return {
    log: logger,
    now: () => new Date(),
    random: Math.random,
    remainingTimeMs: () => context.getRemainingTimeInMillis(),
  };
}

function tagWithJobExecution({ event }: { event: unknown }): void {
  if (typeof event !== 'object' || event === null || !('jobExecutionId' in event)) return;
  logger.appendKeys({ jobExecutionId: event.jobExecutionId });
}

function logFailure({ error }: { error: Error | null }): void {
  if (!error) return;
  const log = isSyncError(error) && error.retry === 'later' ? logger.warn : logger.error;
  log.call(logger, `${error.name}: ${error.message}`, { error });
}
