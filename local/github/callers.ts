import type { FastifyRequest } from 'fastify';
import type { Repository } from './bank/entities.ts';
import type { Allowance } from './limits/allowance.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until it is known who asks. */
    caller: Caller | null;
  }
}

/** Who asks: the user whom the token belongs to, an App by its JWT, or an installation of the App by its token. */
export interface Caller {
  readonly kind: 'user' | 'app' | 'installation';
  /** As errors name it: `user ID 1`. */
  readonly name: string;
  /** Undefined where there are no limits, as on an Enterprise Server that has not switched them on. */
  readonly allowance: Allowance | undefined;
  /** The repositories that it sees; undefined when it sees all. */
  readonly selection: ReadonlySet<number> | undefined;
}

export function callerOf({ caller, method, url }: FastifyRequest): Caller {
  if (caller === null) throw new Error(`Nobody is known to ask ${method} ${url}.`);
  return caller;
}

export function seenBy(caller: Caller, repositories: readonly Repository[]): readonly Repository[] {
  // One page of 1,000 must not look at every repository of the others.
  if (caller.selection === undefined) return repositories;
  return repositories.filter(({ id }) => isSeenBy(caller, id));
}

export function isSeenBy({ selection }: Caller, repositoryId: number): boolean {
  return selection === undefined || selection.has(repositoryId);
}
