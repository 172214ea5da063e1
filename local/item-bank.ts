import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { UsageError } from '../cli/usage-error.ts';
import type { GITHUB_LIMITS } from '../functions/shared/contract/environment.ts';
import type { GitHubSecret } from '../functions/shared/contract/github-secret.ts';

type Limits = (typeof GITHUB_LIMITS)[number];

/** An organization that runs in the simulated GitHub. */
export interface SimulatedBank {
  kind: 'simulated';
  organization: string;
  apiUrl: string;
  port: number;
  /** The folder that its repositories are imported from; without one they are made up. */
  folder: string | undefined;
  /** The number of made-up repositories. */
  repositories: number;
  withoutProjectWebhook: number;
  seed: number;
  latencyMs: number;
  limits: Limits;
  deliveries: 'on' | 'off';
  secret: GitHubSecret;
  dryRunOnly: false;
}

/** An organization on GitHub. Nothing is written to it without `--write`. */
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

export function describeBank(bank: ItemBank): string {
  if (bank.kind === 'real') return `the organization ${bank.organization} at ${bank.apiUrl}`;
  const simulated = `the simulated organization ${bank.organization}`;
  return bank.folder === undefined ? simulated : `${simulated}, filled from ${bank.folder}`;
}

/** Names the state of this bank among those of other banks; `undefined` for the made-up bank on the real clock. */
export function stateKey(bank: ItemBank, timeScale: number): string | undefined {
  // State that a faster clock wrote lies in the future of a slower one.
  const clock = timeScale === 1 ? [] : [`time-scale-${timeScale}`];
  const parts = [...keyOf(bank), ...clock];
  return parts.length === 0 ? undefined : parts.join('-');
}

function keyOf(bank: ItemBank): string[] {
  if (bank.kind === 'real') {
    // Logins are not case-sensitive. Names of folders must not contain a colon on every system.
    return [`${bank.organization.toLowerCase()}@${new URL(bank.apiUrl).host.replaceAll(':', '-')}`];
  }
  return bank.folder === undefined ? [] : [`${basename(bank.folder)}-${digest(bank.folder)}`];
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** The variables that `--write` requires and that are not set. */
export function missingForWriting({ projectWebhookUrl, webhookSecret }: RealBank): string[] {
  return [
    ...(projectWebhookUrl === undefined ? ['PROJECT_WEBHOOK_URL'] : []),
    ...(webhookSecret === undefined ? ['PROJECT_WEBHOOK_SECRET'] : []),
  ];
}

/**
 * The bank, with writing permitted.
 * @throws UsageError for a simulated bank, and for a real one whose webhooks have no receiver or no secret.
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

/** @throws UsageError if there is no token. */
export function secretOf(bank: ItemBank): GitHubSecret {
  if (bank.kind === 'simulated') return bank.secret;
  if (bank.token === undefined) {
    throw new UsageError(
      `GITHUB_TOKEN is missing: set it to a token that may read the repositories of ${bank.organization} and their webhooks.`,
    );
  }
  // A dry run does not use it, but the functions require one.
  return { githubToken: bank.token, webhookSecret: bank.webhookSecret ?? 'of-no-use-in-a-dry-run' };
}
