import type { Caller } from '../callers.ts';
import type { Site } from '../site.ts';
import type { QueryCost } from './query-cost.ts';

/** What the resolvers of a query need. */
export interface QueryContext {
  site: Site;
  caller: Caller;
  base: string;
  cost: QueryCost;
}
