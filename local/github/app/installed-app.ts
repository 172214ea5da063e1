import { createPublicKey } from 'node:crypto';
import type { Bank } from '../bank/bank.ts';
import { type Hook, type HookConfig, timestamp } from '../bank/entities.ts';
import type { Caller } from '../callers.ts';
import { createAllowance } from '../limits/allowance.ts';
import type { PublishedLimits } from '../limits/published-limits.ts';
import { idsOfRepositories } from '../repository-selection.ts';
import type { AppIdentity } from './app-jwt.ts';
import { createInstallationTokens, type InstallationTokens } from './installation-tokens.ts';

/** An App that the organization has installed. */
export interface GitHubApp {
  id: number;
  installationId: number;
  /** PEM. The App signs with the matching private key. */
  publicKey: string;
  /** The names of the repositories that it is installed on, at the time of the start; all by default. */
  repositories?: readonly string[];
  /** The App's own webhook; none by default. Its events are settings of the App, which the API cannot change. */
  webhook?: { config: HookConfig; events: readonly string[] };
}

/** The webhook of an App. Changes of it are lost on restart, like the tokens. */
interface AppWebhook {
  /** Undefined if the App has none. */
  read(): Hook | undefined;
  write(hook: Hook): void;
}

export interface InstalledApp extends AppIdentity {
  readonly installationId: number;
  readonly tokens: InstallationTokens;
  readonly webhook: AppWebhook;
  /** The caller that presents a JWT. */
  readonly itself: Caller;
  /** The caller that presents a token of the installation. */
  readonly installation: Caller;
}

export interface AppSite {
  bank: Bank;
  limits: PublishedLimits | undefined;
  now: () => Date;
}

/** @throws BankError when one of the repositories does not exist. */
export function installApp(app: GitHubApp, { bank, limits, now }: AppSite): InstalledApp {
  const selection = app.repositories && idsOfRepositories(app.repositories, bank, 'The App is installed on');
  const repositories = () => selection?.size ?? bank.repositories.size;
  return {
    appId: app.id,
    publicKey: createPublicKey(app.publicKey),
    installationId: app.installationId,
    tokens: createInstallationTokens(now),
    webhook: openWebhook(app, timestamp(now())),
    itself: {
      kind: 'app',
      name: `app ID ${app.id}`,
      allowance: limits === undefined ? undefined : createAllowance({ limits, now }),
      selection: undefined,
    },
    installation: {
      kind: 'installation',
      name: `installation ID ${app.installationId}`,
      allowance: limits === undefined ? undefined : createAllowance({ limits, repositories, now }),
      selection,
    },
  };
}

function openWebhook({ id, webhook }: GitHubApp, at: string): AppWebhook {
  // The ids of other webhooks are far greater.
  const initial = { id, active: true, createdAt: at, updatedAt: at, lastResponseCode: null };
  let hook: Hook | undefined = webhook && { ...initial, ...webhook };
  return {
    read: () => hook,
    write: (changed) => {
      hook = changed;
    },
  };
}
