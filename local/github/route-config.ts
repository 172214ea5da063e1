import type { FastifyContextConfig } from 'fastify';
import type { Caller } from './callers.ts';
import type { LimitedResource } from './limits/primary-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The documentation URL in error answers. */
    documentation?: string;
    /** The primary limit that requests count against; `core` by default. */
    resource?: LimitedResource;
    /** Not counted on arrival: the route counts its cost itself, or is free. */
    isUncounted?: boolean;
    /** Also counts against the limits of content-creating writes. */
    createsContent?: boolean;
    /** The only kind of caller that is allowed. By default, users and installations are. */
    onlyFor?: Caller['kind'];
  }
}

export interface RouteOptions {
  config: FastifyContextConfig;
}

/** Marks a route that creates content, for which GitHub has separate limits. */
export function creating({ config }: RouteOptions): RouteOptions {
  return { config: { ...config, createsContent: true } };
}
