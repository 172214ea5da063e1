import type { RepositoriesInOrder } from './bank/repository-order.ts';
import type { BankStore } from './bank/store.ts';
import type { Deliveries } from './deliveries/deliveries.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the routes answer from. */
export interface Site {
  store: BankStore;
  repositoriesInOrder: RepositoriesInOrder;
  /** Undefined where there are none, as on an Enterprise Server that has not switched them on. */
  limits: RateLimits | undefined;
  /** Whether the token still sees a repository that was transferred to another owner. */
  transferred: 'visible' | 'hidden';
  deliveries: Deliveries;
  now(): Date;
}
