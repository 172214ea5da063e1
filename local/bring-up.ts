import { join } from 'node:path';
import { type GitHubSecret, resourceNames } from '../functions/contract.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { type Configuration, IDENTITIES, STAGE, stackSettings } from './configuration.ts';
import { onPort } from './failures.ts';
import { PUBLISHED_LIMITS, type SimulatedGitHub, startSimulatedGitHub } from './github/simulated-github.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider/identity-provider.ts';
import { synthesize } from './synthesis.ts';

/** The stack and its surroundings, up on this machine. */
export interface Surroundings {
  cloud: Cloud;
  github: SimulatedGitHub;
  identityProvider: IdentityProvider;
  close: () => Promise<void>;
}

/** Brings everything up, or nothing: what was up when a part failed is down again before the failure is told. */
export async function bringUp(configuration: Configuration, assembly?: string): Promise<Surroundings> {
  const { stateFolder, ports } = configuration;
  const assemblyFolder = assembly ?? (await synthesize(stateFolder, stackSettings(configuration)));
  const up: { close: () => Promise<void> }[] = [];
  const close = async () => {
    for (let last = up.pop(); last; last = up.pop()) await last.close();
  };
  try {
    const identityProvider = await startIdentities(configuration);
    up.push(identityProvider);
    const github = await startGitHub(configuration);
    up.push(github);
    const secret: GitHubSecret = configuration.secret;
    const cloud = await startCloud({
      assemblyFolder,
      stateFolder: join(stateFolder, 'cloud'),
      ports: { aws: ports.aws, api: ports.api },
      secrets: { [resourceNames(STAGE).githubSecret]: JSON.stringify(secret) },
    });
    up.push(cloud);
    return { cloud, github, identityProvider, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startIdentities({ ports, stateFolder }: Configuration): Promise<IdentityProvider> {
  const port = ports.identityProvider;
  return onPort(port, 'LOCAL_IDENTITY_PORT', () =>
    startIdentityProvider({ port, stateFolder: join(stateFolder, 'identity-provider'), ...IDENTITIES }),
  );
}

function startGitHub(configuration: Configuration): Promise<SimulatedGitHub> {
  const { ports, stateFolder, bank, secret } = configuration;
  return onPort(ports.github, 'LOCAL_GITHUB_PORT', () =>
    startSimulatedGitHub({
      ...bank,
      port: ports.github,
      stateFolder: join(stateFolder, 'github'),
      token: secret.githubToken,
      projectWebhookUrl: stackSettings(configuration)['projectWebhookUrl'] ?? '',
      limits: bank.limits === 'off' ? 'off' : PUBLISHED_LIMITS,
    }),
  );
}
