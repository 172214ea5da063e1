import type { FastifyContextConfig } from 'fastify';
import type { Caller } from './callers.ts';
import type { LimitedResource } from './limits/primary-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Named in the errors of the route. */
    documentation?: string;
    /** The primary limit that the route counts against; `core` by default. */
    resource?: LimitedResource;
    /** It counts for itself, or against no primary limit. */
    isUncounted?: boolean;
    /** It counts against the limits of writes that create content, too. */
    createsContent?: boolean;
    /** Any other caller is refused. Without it the route is for users and installations. */
    onlyFor?: Caller['kind'];
  }
}

export interface RouteOptions {
  config: FastifyContextConfig;
}

/** The route makes content: GitHub limits that apart. */
export function creating({ config }: RouteOptions): RouteOptions {
  return { config: { ...config, createsContent: true } };
}
