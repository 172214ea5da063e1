import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { nameAwsFailure } from './aws-errors.ts';
import type { Clock } from './clock.ts';
import type { Environment } from './config.ts';
import { isSyncError } from './errors.ts';
import { type Log, logger } from './logger.ts';

/** What every invocation provides, in addition to the dependencies that are built once per container. */
export interface Invocation extends Clock {
  log: Log;
  /** Milliseconds until Lambda ends the invocation. */
  remainingTimeMs: () => number;
}

export interface EntryPointOptions {
  /** How long before Lambda ends the invocation `onTimeout` is called. Lambda itself would not say why it ended. */
  timeoutEarlyInMillis: number;
  /** Throws the error with which the invocation fails. Work that is under way is not stopped. */
  onTimeout: () => never;
}

/**
 * Wraps a function for Lambda: builds its dependencies on the first invocation and keeps them, adds the request id and
 * the event's job execution id, if any, to every log line, and logs every failure.
 */
export function entryPoint<Dependencies, Event, Result>(
  build: (env: Environment) => Dependencies,
  handle: (dependencies: NoInfer<Dependencies> & Invocation, event: Event) => Promise<Result>,
  options?: EntryPointOptions,
) {
  let built: Dependencies | undefined;
  return middy<Event, Result, Error, Context>({
    // By default middy throws a TimeoutError shortly before Lambda's own timeout, and no Retry knows that name.
    timeoutEarlyInMillis: options?.timeoutEarlyInMillis ?? 0,
    ...(options && { timeoutEarlyResponse: options.onTimeout }),
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use({
      before: ({ event }) => {
        if (typeof event !== 'object' || event === null || !('jobExecutionId' in event)) return;
        logger.appendKeys({ jobExecutionId: event.jobExecutionId });
      },
      onError: ({ error }) => {
        if (!error) return;
        const message = `${error.name}: ${error.message}`;
        if (!isSyncError(error)) logger.error(message, { error });
        else if (error.isCallers) logger.info(message);
        else logger[error.retry === 'later' ? 'warn' : 'error'](message, { error });
      },
    })
    .handler(async (event: Event, context: Context) => {
      built ??= build(process.env);
      const invocation: Invocation = {
        log: logger,
        now: () => new Date(),
        random: Math.random,
        remainingTimeMs: () => context.getRemainingTimeInMillis(),
      };
      try {
        return await handle({ ...built, ...invocation }, event);
      } catch (error) {
        throw nameAwsFailure(error);
      }
    });
}
