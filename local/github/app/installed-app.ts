import { createPublicKey } from 'node:crypto';
import type { Bank } from '../bank/bank.ts';
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
}

export interface InstalledApp extends AppIdentity {
  readonly installationId: number;
  readonly tokens: InstallationTokens;
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
