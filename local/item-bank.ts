import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { GITHUB_LIMITS } from '../functions/shared/contract/environment.ts';
import type { GitHubSecret } from '../functions/shared/contract/github-secret.ts';
import { UsageError } from './usage-error.ts';

type Limits = (typeof GITHUB_LIMITS)[number];

/** An organization that this machine simulates. */
export interface SimulatedBank {
  kind: 'simulated';
  organization: string;
  apiUrl: string;
  port: number;
  /** Where its repositories are taken from, instead of making them up. */
  folder: string | undefined;
  /** How many are made up. */
  repositories: number;
  withoutProjectWebhook: number;
  seed: number;
  latencyMs: number;
  limits: Limits;
  secret: GitHubSecret;
  dryRunOnly: false;
}

/** An organization on GitHub. Nothing is written to it unless somebody says so. */
export interface RealBank {
  kind: 'real';
  organization: string;
  apiUrl: string;
  limits: Limits;
  token: string | undefined;
  projectWebhookUrl: string | undefined;
  webhookSecret: string | undefined;
  dryRunOnly: boolean;
}

export type ItemBank = SimulatedBank | RealBank;

export const isFromFolder = (bank: ItemBank): boolean =>
  bank.kind === 'simulated' && bank.folder !== undefined;

/** Which bank it is, in words. */
export function describeBank(bank: ItemBank): string {
  if (bank.kind === 'real') return `the organization ${bank.organization} at ${bank.apiUrl}`;
  const simulated = `the simulated organization ${bank.organization}`;
  return bank.folder === undefined ? simulated : `${simulated}, filled from ${bank.folder}`;
}

/** What tells the state of this bank from that of others; nothing for the bank that is made up and the real clock. */
export function stateKey(bank: ItemBank, timeScale: number): string | undefined {
  // What was written by a faster clock lies in the future of a slower one.
  const clock = timeScale === 1 ? [] : [`time-scale-${timeScale}`];
  const parts = [...keyOf(bank), ...clock];
  return parts.length === 0 ? undefined : parts.join('-');
}

function keyOf(bank: ItemBank): string[] {
  if (bank.kind === 'real') {
    // GitHub does not tell upper case from lower case in a login. A colon is no good in the name of a folder.
    return [`${bank.organization.toLowerCase()}@${new URL(bank.apiUrl).host.replaceAll(':', '-')}`];
  }
  return bank.folder === undefined ? [] : [`${basename(bank.folder)}-${digest(bank.folder)}`];
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** The variables that a run which writes needs and that are not set. */
export function missingForWriting({ projectWebhookUrl, webhookSecret }: RealBank): string[] {
  return [
    ...(projectWebhookUrl === undefined ? ['PROJECT_WEBHOOK_URL'] : []),
    ...(webhookSecret === undefined ? ['PROJECT_WEBHOOK_SECRET'] : []),
  ];
}

/**
 * The bank as it is with `--write`.
 * @throws UsageError for a simulated bank, and for a real one that has no receiver for its webhooks.
 */
export function permitWriting(bank: ItemBank): RealBank {
  if (bank.kind === 'simulated') {
    throw new UsageError('--write is for a real organization, which ITEM_BANK_ORG names.');
  }
  const missing = missingForWriting(bank);
  if (missing.length > 0)
    throw new UsageError(`--write needs ${missing.join(' and ')}. Nothing was started.`);
  return { ...bank, dryRunOnly: false };
}

/** @throws UsageError when there is no token. */
export function secretOf(bank: ItemBank): GitHubSecret {
  if (bank.kind === 'simulated') return bank.secret;
  if (bank.token === undefined) {
    throw new UsageError(
      `GITHUB_TOKEN is missing: a token that may read the repositories of ${bank.organization} and their webhooks.`,
    );
  }
  // A dry run signs nothing and has no use for it, but the functions expect one.
  return { githubToken: bank.token, webhookSecret: bank.webhookSecret ?? 'of-no-use-in-a-dry-run' };
}
