import { randomBytes } from 'node:crypto';
import { createStepFunctions, createTable } from './clients.ts';
import { type Environment, readConfig } from './config.ts';
import { connectToGitHub } from './github-access.ts';

/** For the functions that only read and write the records of executions. */
export function recordDependencies(env: Environment) {
  const { jobExecutionsTable } = readConfig(env, ['jobExecutionsTable']);
  return { table: createTable(jobExecutionsTable) };
}

/** For the functions that start executions, whoever asks for it. */
export function startDependencies(env: Environment) {
  const { jobExecutionsTable, stateMachineArn } = readConfig(env, ['jobExecutionsTable', 'stateMachineArn']);
  return {
    table: createTable(jobExecutionsTable),
    stepFunctions: createStepFunctions(),
    stateMachineArn,
    newToken: () => randomBytes(6).toString('hex'),
  };
}

export function beginDependencies(env: Environment) {
  const { jobExecutionsTable, runDeadlineHours } = readConfig(env, [
    'jobExecutionsTable',
    'runDeadlineHours',
  ]);
  return { table: createTable(jobExecutionsTable), stepFunctions: createStepFunctions(), runDeadlineHours };
}

export function listDependencies(env: Environment) {
  const config = readConfig(env, [
    'jobExecutionsTable',
    'githubOrganization',
    'githubApiUrl',
    'githubSecretId',
    'ignoredRepositories',
  ]);
  return {
    table: createTable(config.jobExecutionsTable),
    organization: config.githubOrganization,
    ignored: config.ignoredRepositories,
    connect: () => connectToGitHub(config),
  };
}

/** For the functions that read and write project webhooks. */
export function webhookDependencies(env: Environment) {
  const config = readConfig(env, [
    'jobExecutionsTable',
    'githubOrganization',
    'githubApiUrl',
    'githubSecretId',
    'projectWebhookUrl',
  ]);
  return {
    table: createTable(config.jobExecutionsTable),
    organization: config.githubOrganization,
    projectWebhookUrl: config.projectWebhookUrl,
    connect: () => connectToGitHub(config),
  };
}
