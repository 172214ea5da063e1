import type { GitHubApp } from './app/installed-app.ts';
import type { QueryTimes } from './graphql/query-time.ts';
import type { PublishedLimits } from './limits/published-limits.ts';
import type { UserToken } from './user-tokens.ts';

export interface GitHubOptions {
  /** 0 means any free port. */
  port: number;
  /** Stores the bank. Only one server at a time may use it. */
  stateFolder: string;
  organization: string;
  /** A classic token of a user who owns the organization, with the scopes of the operators' runbook. */
  token: string;
  /** Further tokens, possibly with fewer permissions. */
  otherTokens?: readonly UserToken[];
  /** A GitHub App that may authenticate in addition to the user. */
  app?: GitHubApp;
  repositories: number;
  /** How many repositories lack the project webhook, spread over the bank. */
  withoutProjectWebhook: number;
  /** The URL of the project webhooks of a new bank. An existing bank keeps its webhooks. */
  projectWebhookUrl: string;
  /** The secret of the webhooks of a new bank. An existing bank keeps its own. By default, one that nobody else has. */
  projectWebhookSecret?: string;
  seed: number;
  /**
   * Fills a new bank from this folder instead of the seed: one repository for each subfolder that has an item.json,
   * with its files in one commit. Later starts import what has changed since. `repositories` is not used then.
   */
  itemBankFolder?: string;
  /** Added to every request, in real time even when the clock is scaled. */
  latencyMs: number;
  /** How long queries take beyond the latency; no time by default. */
  queryTimes?: QueryTimes;
  /**
   * Limits that are not given are those that GitHub publishes. `off` behaves like an Enterprise Server without limits:
   * no headers, and 404 for `GET /rate_limit`.
   */
  limits: 'off' | Partial<PublishedLimits>;
  /**
   * Whether the user can still read a repository by id after its transfer to another owner; `visible` by default. An
   * installation never can.
   */
  transferred?: 'visible' | 'hidden';
  /**
   * `on` sends events to webhooks whose URL is on the loopback interface, but to no others. `off`, the default, sends
   * nothing.
   */
  deliveries?: 'on' | 'off';
  /** The time for receiving a request. Default: that of `createLoopbackServer`. */
  requestLimitMs?: number | undefined;
  /** The system's clock by default. */
  now?: () => Date;
  /** Lets latency and the time of queries pass. In real time by default. */
  wait?: (ms: number) => Promise<void>;
}
