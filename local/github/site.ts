import type { RepositoriesInOrder } from './bank/repository-order.ts';
import type { BankStore } from './bank/store.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the routes answer from. */
export interface Site {
  store: BankStore;
  repositoriesInOrder: RepositoriesInOrder;
  /** Undefined where there are none, as on an Enterprise Server that has not switched them on. */
  limits: RateLimits | undefined;
  now(): Date;
}
