import { randomBytes } from 'node:crypto';
import { GITHUB_SETTINGS, gitHubConnector, type Patience } from '../github/connect.ts';
import { createPublisher } from '../mirror/publish.ts';
import { createEventBridge, createStepFunctions, createTable } from '../shared/clients.ts';
import { type Config, type Environment, readConfig } from '../shared/config.ts';

/** For the functions that end executions. */
export function recordDependencies(env: Environment) {
  const config = readConfig(env, ['jobExecutionsTable', 'changeEventBus']);
  return { executionsTable: createTable(config.jobExecutionsTable), publish: publisherOf(config) };
}

/** For the functions that start executions, whoever asks for it. */
export function startDependencies(env: Environment) {
  const { jobExecutionsTable, ...settings } = readConfig(env, [
    'jobExecutionsTable',
    'stateMachineArn',
    'dryRunOnly',
  ]);
  return {
    ...settings,
    executionsTable: createTable(jobExecutionsTable),
    stepFunctions: createStepFunctions(),
    newToken: () => randomBytes(6).toString('hex'),
  };
}

export function beginDependencies(env: Environment) {
  const { jobExecutionsTable, ...settings } = readConfig(env, [
    'jobExecutionsTable',
    'runDeadlineHours',
    'dryRunOnly',
  ]);
  return {
    ...settings,
    executionsTable: createTable(jobExecutionsTable),
    stepFunctions: createStepFunctions(),
  };
}

export function listDependencies(env: Environment) {
  const config = readConfig(env, ['jobExecutionsTable', ...GITHUB, 'ignoredRepositories']);
  return {
    executionsTable: createTable(config.jobExecutionsTable),
    organization: config.githubOrganization,
    webhookScope: config.webhookScope,
    ignored: config.ignoredRepositories,
    connect: gitHubConnector(config),
  };
}

/** For the function that creates and repairs project webhooks. */
export function webhookDependencies(env: Environment) {
  const config = readConfig(env, ['jobExecutionsTable', 'itemsTable', ...GITHUB, 'projectWebhookUrl']);
  return {
    ...webhooksOf(config),
    executionsTable: createTable(config.jobExecutionsTable),
    itemsTable: createTable(config.itemsTable),
  };
}

/** For the function that settles the items of a batch. */
export function synchronizeDependencies(env: Environment) {
  const config = readConfig(env, ['jobExecutionsTable', ...SYNCHRONIZATION]);
  return { ...synchronizationOf(config), executionsTable: createTable(config.jobExecutionsTable) };
}

export function removalDependencies(env: Environment) {
  const config = readConfig(env, [
    'jobExecutionsTable',
    ...SYNCHRONIZATION,
    'ignoredRepositories',
    'removalEnabled',
    'removalLimitPercent',
  ]);
  return {
    ...synchronizationOf(config),
    executionsTable: createTable(config.jobExecutionsTable),
    ignored: config.ignoredRepositories,
    removalEnabled: config.removalEnabled,
    limitPercent: config.removalLimitPercent,
  };
}

/** For the function that synchronizes one item outside of any run. */
export function syncItemDependencies(env: Environment) {
  const config = readConfig(env, [...SYNCHRONIZATION, 'ignoredRepositories', 'dryRunOnly']);
  return {
    ...synchronizationOf(config),
    connect: gitHubConnector(config, ANSWERING),
    ignored: config.ignoredRepositories,
    dryRunOnly: config.dryRunOnly,
  };
}

/** For the functions that read the mirror. */
export function mirrorDependencies(env: Environment) {
  return { itemsTable: createTable(readConfig(env, ['itemsTable']).itemsTable) };
}

// 5 s, a second's pause and 5 s: whoever waits for one item has 28 s, within which several requests follow each other.
const ANSWERING: Patience = { requestTimeoutMs: 5_000, retries: 1 };

const GITHUB = [...GITHUB_SETTINGS, 'webhookScope'] as const;
const SYNCHRONIZATION = [...GITHUB, 'projectWebhookUrl', 'itemsTable', 'changeEventBus'] as const;

type GitHubSettings = Config<(typeof GITHUB)[number]>;
type Webhooks = GitHubSettings & Config<'projectWebhookUrl'>;

function webhooksOf(config: Webhooks) {
  return {
    organization: config.githubOrganization,
    projectWebhookUrl: config.projectWebhookUrl,
    webhookScope: config.webhookScope,
    connect: gitHubConnector(config),
  };
}

function synchronizationOf(config: Config<(typeof SYNCHRONIZATION)[number]>) {
  return { ...webhooksOf(config), itemsTable: createTable(config.itemsTable), publish: publisherOf(config) };
}

const publisherOf = ({ changeEventBus }: Config<'changeEventBus'>) =>
  createPublisher({ client: createEventBridge(), bus: changeEventBus });
