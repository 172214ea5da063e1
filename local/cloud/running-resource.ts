import type { z } from 'zod';
import { ACCOUNT, REGION } from './template.ts';

/** A type of resource that runs here. */
export interface RunningResource<S extends z.ZodType> {
  /** Strict at every level, so that an unknown property is refused by name. */
  properties: S;
  /** Properties without effect on one machine, and why. */
  inert: Record<string, string>;
  /** The property that holds the name. Without one, or without a value, a name is generated. */
  nameProperty?: string;
  /** The value of Ref. `queueUrl` is the URL of a queue at the AWS endpoint. */
  ref: 'name' | 'arn' | 'logicalId' | 'queueUrl';
  arn(name: string): string;
}

export const LABEL = 'for people to read';
export const ENCRYPTION = 'the state folder is not encrypted';

export const runs = <S extends z.ZodType>(resource: RunningResource<S>) => resource;

export const arnOf = (service: string, prefix: string) => (name: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${prefix}${name}`;

/** The URL of a queue. Its last part names the queue; the account is always the same. */
export const queueUrl = (endpoint: string, name: string) => `${endpoint}/${ACCOUNT}/${name}`;
