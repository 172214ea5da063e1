import type { FastifyRequest } from 'fastify';
import type { Repository } from './bank/entities.ts';
import type { Allowance } from './limits/allowance.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the caller has been identified. */
    caller: Caller | null;
  }
}

/** The caller of a request: the owner of the user token, an App with its JWT, or an installation with its token. */
export interface Caller {
  readonly kind: 'user' | 'app' | 'installation';
  /** As in error messages: `user ID 1`. */
  readonly name: string;
  /** Undefined without limits, as on an Enterprise Server by default. */
  readonly allowance: Allowance | undefined;
  /** The ids of the repositories that it can see; undefined for all. */
  readonly selection: ReadonlySet<number> | undefined;
  /** Of a user: the role in the organization; undefined if the user is no member. */
  readonly role?: 'admin' | 'member' | undefined;
  /** Of a user: the scopes of a classic token; undefined for a fine-grained one. */
  readonly scopes?: readonly string[] | undefined;
}

export function callerOf({ caller, method, url }: FastifyRequest): Caller {
  if (caller === null) throw new Error(`The caller of ${method} ${url} is not known.`);
  return caller;
}

export function seenBy(caller: Caller, repositories: readonly Repository[]): readonly Repository[] {
  // Not filtered, so that reading one of 1,000 pages does not cost a pass over all repositories.
  if (caller.selection === undefined) return repositories;
  return repositories.filter(({ id }) => isSeenBy(caller, id));
}

export function isSeenBy({ selection }: Caller, repositoryId: number): boolean {
  return selection === undefined || selection.has(repositoryId);
}
