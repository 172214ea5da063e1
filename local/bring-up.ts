import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { setClock } from './clock.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { type Configuration, IDENTITIES, stackSettings } from './configuration.ts';
import { onPort } from './failures.ts';
import {
  BankError,
  PUBLISHED_LIMITS,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from './github/simulated-github.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider/identity-provider.ts';
import { type SimulatedBank, secretOf } from './item-bank.ts';
import { readItemBankFolder } from './item-bank-folder.ts';
import { synthesize } from './synthesis.ts';
import { UsageError } from './usage-error.ts';

/** The stack and its surroundings, up on this machine. */
export interface Surroundings {
  cloud: Cloud;
  /** Not there beside a real organization. */
  github: SimulatedGitHub | undefined;
  identityProvider: IdentityProvider;
  close: () => Promise<void>;
}

/**
 * Brings everything up, or nothing: what was up when a part failed is down again before the failure is told.
 *
 * @throws UsageError when a real organization comes without a token, or no bank can be made of a folder.
 */
export async function bringUp(configuration: Configuration, assembly?: string): Promise<Surroundings> {
  const { bank, stage, stateFolder, ports } = configuration;
  const secret = secretOf(bank);
  if (bank.kind === 'simulated') checkFolder(bank, gitHubFolder(configuration));
  const timeScale = await setClock(configuration);
  const settings = stackSettings(configuration);
  const assemblyFolder = assembly ?? (await synthesize(stateFolder, settings));
  const up: { close: () => Promise<void> }[] = [];
  const close = async () => {
    for (let last = up.pop(); last; last = up.pop()) await last.close();
  };
  try {
    const identityProvider = await startIdentities(configuration);
    up.push(identityProvider);
    const github = bank.kind === 'simulated' ? await startGitHub(bank, configuration) : undefined;
    if (github !== undefined) up.push(github);
    const cloud = await startCloud({
      assemblyFolder,
      stateFolder: join(stateFolder, 'cloud'),
      ports: { aws: ports.aws, api: ports.api },
      secrets: { [resourceNames(stage).githubSecret]: JSON.stringify(secret) },
      notes: settings,
      timeScale,
    });
    up.push(cloud);
    return { cloud, github, identityProvider, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const gitHubFolder = ({ stateFolder }: Configuration): string => join(stateFolder, 'github');

/** Before anything is started, which takes seconds. */
function checkFolder({ folder, withoutProjectWebhook }: SimulatedBank, filled: string): void {
  if (folder === undefined) return;
  const { items, itemless } = readItemBankFolder(folder);
  if (withoutProjectWebhook > items && !existsSync(filled)) {
    throw new UsageError(
      `ITEM_BANK_WITHOUT_WEBHOOK: it is ${withoutProjectWebhook}, and ${folder} has ${items} items.`,
    );
  }
  if (itemless.length === 0) return;
  const more = itemless.length > 5 ? ` and ${itemless.length - 5} more` : '';
  console.error(`These folders hold no item.json: ${itemless.slice(0, 5).join(', ')}${more}.`);
}

function startIdentities({ ports, stateFolder }: Configuration): Promise<IdentityProvider> {
  const port = ports.identityProvider;
  return onPort(port, 'LOCAL_IDENTITY_PORT', () =>
    startIdentityProvider({ port, stateFolder: join(stateFolder, 'identity-provider'), ...IDENTITIES }),
  );
}

async function startGitHub(bank: SimulatedBank, configuration: Configuration): Promise<SimulatedGitHub> {
  const { port, organization, repositories, withoutProjectWebhook, seed, latencyMs, limits, folder } = bank;
  const start = () =>
    startSimulatedGitHub({
      port,
      organization,
      repositories,
      withoutProjectWebhook,
      seed,
      latencyMs,
      ...(folder !== undefined && { itemBankFolder: folder }),
      stateFolder: gitHubFolder(configuration),
      token: bank.secret.githubToken,
      projectWebhookUrl: stackSettings(configuration)['projectWebhookUrl'] ?? '',
      limits: limits === 'off' ? 'off' : PUBLISHED_LIMITS,
    });
  try {
    return await onPort(port, 'LOCAL_GITHUB_PORT', start);
  } catch (error) {
    throw error instanceof BankError ? new UsageError(error.message, { cause: error }) : error;
  }
}
