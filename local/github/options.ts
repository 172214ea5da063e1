import type { GitHubApp } from './app/installed-app.ts';
import type { PublishedLimits } from './limits/published-limits.ts';

export interface GitHubOptions {
  /** 0 takes any free port. */
  port: number;
  /** Holds the bank; one server at a time. */
  stateFolder: string;
  organization: string;
  /** The user's, who owns the organization. */
  token: string;
  /** Lets an App in beside the user. */
  app?: GitHubApp;
  repositories: number;
  /** How many of them lack the project webhook, spread over the bank. */
  withoutProjectWebhook: number;
  /** Where the hooks of a new bank point; those of a bank that is there already stay as they are. */
  projectWebhookUrl: string;
  seed: number;
  /**
   * Fills a new bank from this folder instead of the seed: one repository for each folder in it that holds an
   * item.json, with its files in one commit; a later start brings the bank up to what has changed in the folder
   * since. `repositories` is then not used.
   */
  itemBankFolder?: string;
  /** Added to every request, in real time whatever the clock does. */
  latencyMs: number;
  /**
   * What is not named is as GitHub publishes it. `off` is an Enterprise Server without limits: no headers, and 404
   * for `GET /rate_limit`.
   */
  limits: 'off' | Partial<PublishedLimits>;
  /**
   * Whether the user still sees, by its id, a repository transferred to another owner; `visible` by default. An
   * installation never does.
   */
  transferred?: 'visible' | 'hidden';
  /**
   * `on` sends pings and pushes to the hooks whose URL is on the loopback interface, and to no other; `off`, the
   * default, sends nothing.
   */
  deliveries?: 'on' | 'off';
  /** The system's clock by default. */
  now?: () => Date;
}
