import { createRepositoryOrder } from './bank/repository-order.ts';
import { openBank } from './bank/store.ts';
import { createDeliveries, NO_DELIVERIES } from './deliveries/deliveries.ts';
import { createFailures, type InjectedFailure } from './failures.ts';
import { addGraphqlRoute } from './graphql/route.ts';
import { createRateLimits, type PrimaryLimits } from './rate-limits.ts';
import { addCommitRoutes } from './rest/commits.ts';
import { addContentRoutes } from './rest/contents.ts';
import { addGitDataRoutes } from './rest/git-data.ts';
import { addHookDeliveryRoutes } from './rest/hook-deliveries.ts';
import { addHookRoutes } from './rest/hooks.ts';
import { addMergeRoutes } from './rest/merges.ts';
import { addMetaRoutes } from './rest/meta.ts';
import { addOrganizationRoutes } from './rest/organizations.ts';
import { addRefRoutes } from './rest/refs.ts';
import { addRepositoryRoutes } from './rest/repositories.ts';
import { buildServer } from './server.ts';
import type { Site } from './site.ts';
import { createTrafficCounter, type Traffic } from './traffic.ts';

export { PUBLISHED_LIMITS } from './rate-limits.ts';

export interface GitHubOptions {
  /** 0 takes any free port. */
  port: number;
  /** Holds the bank; one server at a time. */
  stateFolder: string;
  organization: string;
  /** The only token that is let in. */
  token: string;
  repositories: number;
  /** How many of them lack the project webhook, spread over the bank. */
  withoutProjectWebhook: number;
  /** Where the hooks of a new bank point; those of a bank that is there already stay as they are. */
  projectWebhookUrl: string;
  seed: number;
  /**
   * Fills a new bank from this folder instead of the seed: one repository for each folder in it that holds an
   * item.json, with its files in one commit. `repositories` is then not used.
   */
  itemBankFolder?: string;
  /** Added to every request. */
  latencyMs: number;
  /** `off` is an Enterprise Server without limits: no headers, and 404 for `GET /rate_limit`. */
  limits: 'off' | PrimaryLimits;
  /** Whether the token still sees, by its id, a repository transferred to another owner; `visible` by default. */
  transferred?: 'visible' | 'hidden';
  /**
   * `on` sends pings and pushes to the hooks whose URL is on the loopback interface, and to no other; `off`, the
   * default, sends nothing.
   */
  deliveries?: 'on' | 'off';
  /** Dates of changes and windows of the limits go by it; the system's clock by default. */
  now?: () => Date;
}

export interface SimulatedGitHub {
  /** The base of the REST API; GraphQL is at `<url>/graphql`. */
  url: string;
  traffic: Traffic;
  /** The next requests to that place fail; several failures are met in the order they were added. */
  fail(failure: InjectedFailure): void;
  /** Forgets the failures that nothing has met yet. */
  mend(): void;
  close(): Promise<void>;
}

/**
 * Starts a GitHub with one organization on the loopback interface.
 *
 * @throws Error with code `EADDRINUSE` when the port is taken.
 * @throws Error when the state folder holds a bank of another organization, seed or size.
 */
export async function startSimulatedGitHub(options: GitHubOptions): Promise<SimulatedGitHub> {
  const now = options.now ?? (() => new Date());
  const store = openBank(options.stateFolder, {
    organization: options.organization,
    seed: options.seed,
    repositories: options.repositories,
    withoutProjectWebhook: options.withoutProjectWebhook,
    projectWebhookUrl: options.projectWebhookUrl,
    ...(options.itemBankFolder === undefined ? {} : { itemBankFolder: options.itemBankFolder }),
  });
  const limits = options.limits === 'off' ? undefined : createRateLimits(options.limits, now);
  let url = '';
  const deliveries =
    options.deliveries === 'on'
      ? createDeliveries({ bank: store.bank, now, base: () => url })
      : NO_DELIVERIES;
  const site: Site = {
    store,
    limits,
    now,
    deliveries,
    transferred: options.transferred ?? 'visible',
    repositoriesInOrder: createRepositoryOrder(store.bank),
  };
  const failures = createFailures();
  const traffic = createTrafficCounter();
  const { token, latencyMs } = options;
  const app = buildServer({ token, latencyMs, limits, failures, traffic, now });
  app.addHook('onClose', async () => {
    deliveries.close();
    store.close();
  });
  for (const addRoutes of [
    addMetaRoutes,
    addOrganizationRoutes,
    addRepositoryRoutes,
    addCommitRoutes,
    addContentRoutes,
    addGitDataRoutes,
    addRefRoutes,
    addMergeRoutes,
    addHookRoutes,
    addHookDeliveryRoutes,
    addGraphqlRoute,
  ]) {
    addRoutes(app, site);
  }
  try {
    url = await app.listen({ host: '127.0.0.1', port: options.port });
    return { url, traffic, fail: failures.add, mend: failures.mend, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
