import type { InstalledApp } from './app/installed-app.ts';
import type { RepositoriesInOrder } from './bank/repository-order.ts';
import type { BankStore } from './bank/store.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { QueryTimes } from './graphql/query-time.ts';
import type { TrafficCounter } from './traffic.ts';

/** The state and services that routes use. */
export interface Site {
  store: BankStore;
  repositoriesInOrder: RepositoriesInOrder;
  /** Undefined if the organization has not installed one. */
  app: InstalledApp | undefined;
  traffic: TrafficCounter;
  /** The maximum number of nodes that a query may request. */
  maxNodes: number;
  /** Whether the user can still read a repository that was transferred to another owner. */
  transferred: 'visible' | 'hidden';
  deliveries: Deliveries;
  /** Of each answer. */
  latencyMs: number;
  /** Undefined if queries take no time beyond the latency. */
  queryTimes: QueryTimes | undefined;
  /** Lets latency and the time of queries pass. */
  wait(ms: number): Promise<void>;
  now(): Date;
}
