import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Screen } from '../cli/terminal/screen.ts';
import { report } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { setClock } from './clock.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { type Configuration, IDENTITIES, stackSettings } from './configuration.ts';
import { RESET } from './failures.ts';
import {
  BankError,
  ESTIMATED_QUERY_TIMES,
  PUBLISHED_LIMITS,
  type SimulatedGitHub,
  startSimulatedGitHub,
} from './github/simulated-github.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider/identity-provider.ts';
import { type SimulatedBank, secretOf } from './item-bank.ts';
import { checkItemBankFolder } from './item-bank-folder.ts';
import { checkPorts } from './ports.ts';
import { synthesize } from './synthesis.ts';

/** The stack and the services that it works with, running on this machine. */
export interface Surroundings {
  cloud: Cloud;
  /** `undefined` for a real organization. */
  github: SimulatedGitHub | undefined;
  identityProvider: IdentityProvider;
  close: () => Promise<void>;
}

export interface BringUpOptions {
  /** The folder of a cloud assembly that was synthesized before. */
  assembly?: string;
  screen?: StartScreen;
  /** Aborts the start before its next step. */
  signal?: AbortSignal;
  /** Whether interrupted runs are resumed, which is the default, or held. */
  interrupted?: 'resume' | 'hold';
}

type StartScreen = Pick<Screen, 'phase' | 'report'>;

const NO_SCREEN: StartScreen = {
  phase: (_, work) => work(),
  report,
};

/**
 * Starts everything, or nothing: if a part fails to start, the parts that are already running are closed.
 *
 * @throws UsageError for a real organization without a token, and for a folder that no bank can be made from.
 * @throws PortsTaken
 */
export async function bringUp(
  configuration: Configuration,
  { assembly, screen = NO_SCREEN, signal, interrupted }: BringUpOptions = {},
): Promise<Surroundings> {
  const { bank, stage, stateFolder, ports } = configuration;
  const secret = secretOf(bank);
  const gitHubFolder = join(stateFolder, 'github');
  const isNewBank = !existsSync(gitHubFolder);
  // Faults of the configuration come first: synthesizing takes seconds.
  if (bank.kind === 'simulated') checkItemBankFolder(bank, { isNewBank, report: screen.report });
  await screen.phase('checking the ports', () => checkPorts(configuration));
  const timeScale = setClock(configuration, screen.report);
  const settings = stackSettings(configuration);
  const assemblyFolder =
    assembly ??
    (await screen.phase('synthesizing the stack', () => synthesize(stateFolder, settings, signal)));
  const { start, close } = createParts(screen, signal);
  try {
    const identityProvider = await start('starting the identity provider', () =>
      startIdentityProvider({
        port: ports.identityProvider,
        stateFolder: join(stateFolder, 'identity-provider'),
        ...IDENTITIES,
      }),
    );
    const github =
      bank.kind === 'simulated'
        ? await start(`${isNewBank ? 'creating' : 'opening'} the simulated item bank`, () =>
            startGitHub(bank, { gitHubFolder, projectWebhookUrl: settings['projectWebhookUrl'] ?? '' }),
          )
        : undefined;
    const cloud = await start('starting the embedded cloud', () =>
      startCloud({
        assemblyFolder,
        stateFolder: join(stateFolder, 'cloud'),
        ports: { aws: ports.aws, api: ports.api },
        secrets: { [resourceNames(stage).githubSecret]: JSON.stringify(secret) },
        notes: settings,
        timeScale,
        interrupted,
        beforeExecution: () => importFolder(github, screen.report),
        warn: screen.report,
      }),
    );
    signal?.throwIfAborted();
    return { cloud, github, identityProvider, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Part {
  close: () => Promise<void>;
}

/** Starts parts one after another, and closes them in reverse order. */
function createParts({ phase }: Pick<Screen, 'phase'>, signal: AbortSignal | undefined) {
  const started: Part[] = [];
  return {
    start: async <T extends Part>(name: string, work: () => Promise<T>): Promise<T> => {
      signal?.throwIfAborted();
      const part = await phase(name, work);
      started.push(part);
      return part;
    },
    close: async (): Promise<void> => {
      for (let last = started.pop(); last; last = started.pop()) await last.close();
    },
  };
}

interface GitHubPlace {
  gitHubFolder: string;
  projectWebhookUrl: string;
}

async function startGitHub(
  bank: SimulatedBank,
  { gitHubFolder, projectWebhookUrl }: GitHubPlace,
): Promise<SimulatedGitHub> {
  const { port, organization, repositories, withoutProjectWebhook, seed, latencyMs, limits, folder } = bank;
  try {
    return await startSimulatedGitHub({
      port,
      organization,
      repositories,
      withoutProjectWebhook,
      seed,
      latencyMs,
      ...(latencyMs > 0 && { queryTimes: ESTIMATED_QUERY_TIMES }),
      ...(folder !== undefined && { itemBankFolder: folder }),
      stateFolder: gitHubFolder,
      token: bank.secret.githubToken,
      projectWebhookUrl,
      projectWebhookSecret: bank.secret.webhookSecret,
      deliveries: bank.deliveries,
      limits: limits === 'off' ? 'off' : PUBLISHED_LIMITS,
    });
  } catch (error) {
    throw error instanceof BankError ? inWords(error, bank.folder) : error;
  }
}

/** Reads the folder of items again before each run. If it cannot be read, the run uses what was read last. */
function importFolder(github: SimulatedGitHub | undefined, report: (line: string) => void): void {
  try {
    github?.importFolder();
  } catch (error) {
    if (!(error instanceof BankError)) throw error;
    report(`This run does not see the changes in ITEM_BANK_FOLDER: ${error.message}`);
  }
}

const ORIGIN_VARIABLES: Readonly<Record<string, string>> = {
  repositories: 'ITEM_BANK_SIZE',
  withoutProjectWebhook: 'ITEM_BANK_WITHOUT_WEBHOOK',
  seed: 'ITEM_BANK_SEED',
  itemBankFolder: 'ITEM_BANK_FOLDER',
};

/** Describes an error of the simulated organization, and says what to do about it. */
function inWords(error: BankError, folder: string | undefined): UsageError {
  const { message, differences, isDamaged } = error;
  const cause = { cause: error };
  if (isDamaged) return new UsageError(`${message} ${RESET}`, cause);
  if (differences.length === 0) {
    return new UsageError(folder === undefined ? message : `ITEM_BANK_FOLDER: ${message}`, cause);
  }
  const known = differences.filter(({ name }) => Object.hasOwn(ORIGIN_VARIABLES, name));
  if (known.length < differences.length) {
    return new UsageError(`The state was created by another version of this project. ${RESET}`, cause);
  }
  const changes = known.map(
    ({ name, stored, wanted }) =>
      `${ORIGIN_VARIABLES[name]} was ${stored} when the state was created, and is ${wanted}`,
  );
  const advice = 'Set the former value, or run npm run reset in the same environment to start anew.';
  return new UsageError(`${changes.join('; ')}. ${advice}`, cause);
}
