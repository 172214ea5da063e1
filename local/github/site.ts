import type { InstalledApp } from './app/installed-app.ts';
import type { RepositoriesInOrder } from './bank/repository-order.ts';
import type { BankStore } from './bank/store.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { TrafficCounter } from './traffic.ts';

/** What the routes answer from. */
export interface Site {
  store: BankStore;
  repositoriesInOrder: RepositoriesInOrder;
  /** Undefined where the organization has installed none. */
  app: InstalledApp | undefined;
  traffic: TrafficCounter;
  /** The most nodes that a query may ask for. */
  mostNodes: number;
  /** Whether the user still sees a repository that was transferred to another owner. */
  transferred: 'visible' | 'hidden';
  deliveries: Deliveries;
  now(): Date;
}
