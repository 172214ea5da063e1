import { installApp } from './app/installed-app.ts';
import { createAuthentication } from './authentication.ts';
import { VIEWER } from './bank/items/people.ts';
import { createRepositoryOrder } from './bank/repository-order.ts';
import { type BankStore, openBank } from './bank/store.ts';
import type { Caller } from './callers.ts';
import { createDeliveries, NO_DELIVERIES } from './deliveries/deliveries.ts';
import { createFailures, type InjectedFailure } from './failures.ts';
import { createAllowance } from './limits/allowance.ts';
import { PUBLISHED_LIMITS, type PublishedLimits } from './limits/published-limits.ts';
import type { GitHubOptions } from './options.ts';
import { addRoutes } from './routes.ts';
import { buildServer } from './server.ts';
import type { Site } from './site.ts';
import { createTrafficCounter, type Traffic } from './traffic.ts';

export { BankError } from './bank/bank-error.ts';
export { PUBLISHED_LIMITS } from './limits/published-limits.ts';
export type { GitHubOptions } from './options.ts';

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
 * @throws BankError when the state folder holds a bank of another organization, seed or size, the folder of items
 * cannot be made a bank of, or the App is installed on what is not there.
 */
export async function startSimulatedGitHub(options: GitHubOptions): Promise<SimulatedGitHub> {
  const { now = () => new Date() } = options;
  const store = openBank(options.stateFolder, {
    organization: options.organization,
    seed: options.seed,
    repositories: options.repositories,
    withoutProjectWebhook: options.withoutProjectWebhook,
    projectWebhookUrl: options.projectWebhookUrl,
    ...(options.itemBankFolder === undefined ? {} : { itemBankFolder: options.itemBankFolder }),
  });
  let built: ReturnType<typeof build> | undefined;
  try {
    built = build(store, options, now);
    const { server, place, traffic, failures } = built;
    place.url = await server.listen({ host: '127.0.0.1', port: options.port });
    const close = () => server.close();
    return { url: place.url, traffic, fail: failures.add, mend: failures.mend, close };
  } catch (error) {
    // The server closes the store.
    await (built === undefined ? store.close() : built.server.close());
    throw error;
  }
}

function build(store: BankStore, options: GitHubOptions, now: () => Date) {
  const limits = limitsOf(options);
  const app = options.app && installApp(options.app, { bank: store.bank, limits, now });
  const place = { url: '' };
  const deliveries =
    options.deliveries === 'on'
      ? createDeliveries({ bank: store.bank, now, base: () => place.url })
      : NO_DELIVERIES;
  const traffic = createTrafficCounter();
  const site: Site = {
    store,
    app,
    traffic,
    mostNodes: (limits ?? PUBLISHED_LIMITS).graphqlNodes,
    now,
    deliveries,
    transferred: options.transferred ?? 'visible',
    repositoriesInOrder: createRepositoryOrder(store.bank),
  };
  const failures = createFailures();
  const identify = createAuthentication({ token: options.token, user: userOf(limits, now), app, now });
  const server = buildServer({ identify, latencyMs: options.latencyMs, failures, traffic, now });
  server.addHook('onClose', async () => {
    deliveries.close();
    store.close();
  });
  addRoutes(server, site);
  return { server, place, traffic, failures };
}

function limitsOf({ limits }: GitHubOptions): PublishedLimits | undefined {
  return limits === 'off' ? undefined : { ...PUBLISHED_LIMITS, ...limits };
}

function userOf(limits: PublishedLimits | undefined, now: () => Date): Caller {
  return {
    kind: 'user',
    name: `user ID ${VIEWER.id}`,
    allowance: limits === undefined ? undefined : createAllowance({ limits, now }),
    selection: undefined,
  };
}
