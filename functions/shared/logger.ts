import { Logger } from '@aws-lambda-powertools/logger';
import type { LogLine } from './contract/log-line.ts';

type Attributes = Partial<Omit<LogLine, 'timestamp' | 'level' | 'service' | 'message'>> & {
  error?: Error;
  [attribute: string]: unknown;
};

/** The log of a run. Attributes become fields of the line. */
export interface Log {
  debug(message: string, ...attributes: Attributes[]): void;
  info(message: string, ...attributes: Attributes[]): void;
  warn(message: string, ...attributes: Attributes[]): void;
  error(message: string, ...attributes: Attributes[]): void;
  /** Adds fields to every later line of the invocation. */
  appendKeys(attributes: Attributes): void;
}

/** The attribute for something that was thrown, if it is an error. */
export const errorAttribute = (thrown: unknown): Pick<Attributes, 'error'> =>
  thrown instanceof Error ? { error: thrown } : {};

/** Level and service name come from the function's logging configuration and environment. */
export const logger = new Logger();
