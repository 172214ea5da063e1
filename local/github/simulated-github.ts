import { HOST } from '../loopback-server.ts';
import { installApp } from './app/installed-app.ts';
import { createAuthentication } from './authentication.ts';
import { createRepositoryOrder } from './bank/repository-order.ts';
import { type BankStore, openBank } from './bank/store.ts';
import { createDeliveries, NO_DELIVERIES } from './deliveries/deliveries.ts';
import { createFailures, type InjectedFailure } from './failures.ts';
import { PUBLISHED_LIMITS } from './limits/published-limits.ts';
import type { GitHubOptions } from './options.ts';
import { pause } from './pause.ts';
import { addRoutes } from './routes.ts';
import { buildServer } from './server.ts';
import type { Site } from './site.ts';
import { createTrafficCounter, type Traffic } from './traffic.ts';
import { createUsers, ownersToken } from './user-tokens.ts';

export { BankError } from './bank/bank-error.ts';
export { ESTIMATED_QUERY_TIMES } from './graphql/query-time.ts';
export { PUBLISHED_LIMITS } from './limits/published-limits.ts';
export type { GitHubOptions } from './options.ts';

export interface SimulatedGitHub {
  /** The base URL of the REST API. GraphQL is at `<url>/graphql`. */
  url: string;
  traffic: Traffic;
  /**
   * Imports the changes of the item folder since it was last read.
   * @throws BankError when the folder cannot be imported. The bank then stays as it was.
   */
  importFolder(): void;
  /** Makes the next matching requests fail. Failures apply in the order in which they were added. */
  fail(failure: InjectedFailure): void;
  /** Removes all failures that have not been used. */
  mend(): void;
  close(): Promise<void>;
}

/**
 * Starts a simulated GitHub with one organization on the loopback interface.
 *
 * @throws Error with code `EADDRINUSE` when the port is in use.
 * @throws BankError when the state folder has a bank with other options, the item folder cannot be imported, or the App
 * is installed on an unknown repository.
 */
export async function startSimulatedGitHub(options: GitHubOptions): Promise<SimulatedGitHub> {
  const { now = () => new Date(), wait = pause } = options;
  const store = openBank(options.stateFolder, {
    organization: options.organization,
    seed: options.seed,
    repositories: options.repositories,
    withoutProjectWebhook: options.withoutProjectWebhook,
    projectWebhookUrl: options.projectWebhookUrl,
    projectWebhookSecret: options.projectWebhookSecret ?? 'known-to-nobody-else',
    ...(options.itemBankFolder === undefined ? {} : { itemBankFolder: options.itemBankFolder }),
  });
  let built: ReturnType<typeof build> | undefined;
  try {
    built = build(store, options, { now, wait });
    const { server, address, traffic, failures } = built;
    const { importFolder } = store;
    address.url = await server.listen({ host: HOST, port: options.port });
    const close = () => server.close();
    return { url: address.url, traffic, importFolder, fail: failures.add, mend: failures.mend, close };
  } catch (error) {
    // Closing the server also closes the store.
    await (built === undefined ? store.close() : built.server.close());
    throw error;
  }
}

function build(
  store: BankStore,
  options: GitHubOptions,
  { now, wait }: Required<Pick<GitHubOptions, 'now' | 'wait'>>,
) {
  const { latencyMs } = options;
  const limits = options.limits === 'off' ? undefined : { ...PUBLISHED_LIMITS, ...options.limits };
  const app = options.app && installApp(options.app, { bank: store.bank, limits, now });
  /** The URL is known only after listening. */
  const address = { url: '' };
  const deliveries =
    options.deliveries === 'on'
      ? createDeliveries({ bank: store.bank, app, now, base: () => address.url })
      : NO_DELIVERIES;
  const traffic = createTrafficCounter();
  const site: Site = {
    store,
    app,
    traffic,
    latencyMs,
    queryTimes: options.queryTimes,
    wait,
    maxNodes: (limits ?? PUBLISHED_LIMITS).graphqlNodes,
    now,
    deliveries,
    transferred: options.transferred ?? 'visible',
    repositoriesInOrder: createRepositoryOrder(store.bank),
  };
  const failures = createFailures();
  const tokens = [ownersToken(options.token), ...(options.otherTokens ?? [])];
  const users = createUsers(tokens, { bank: store.bank, limits, now });
  const identify = createAuthentication({ users, app, now });
  const { requestLimitMs } = options;
  const server = buildServer({ identify, latencyMs, wait, failures, traffic, now, requestLimitMs });
  server.addHook('onClose', async () => {
    deliveries.close();
    store.close();
  });
  addRoutes(server, site);
  return { server, address, traffic, failures };
}
