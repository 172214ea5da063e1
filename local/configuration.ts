import { join } from 'node:path';
import * as z from 'zod';
import { UsageError } from './usage-error.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const count = z.coerce.number().int().min(0);
const text = z.string().min(1);

/** The environment variables that change what runs on this machine, with what they are when nobody sets them. */
const Variables = z.object({
  LOCAL_AWS_PORT: port.default(4566),
  LOCAL_API_PORT: port.default(4510),
  LOCAL_IDENTITY_PORT: port.default(4520),
  LOCAL_GITHUB_PORT: port.default(4530),
  LOCAL_STATE_FOLDER: text.default(join(import.meta.dirname, '..', '.local')),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** Repositories of the simulated organization. */
  ITEM_BANK_SIZE: count.max(200_000).default(1_811),
  ITEM_BANK_WITHOUT_WEBHOOK: count.default(10),
  ITEM_BANK_SEED: count.default(1),
  /** Milliseconds that the simulated GitHub takes longer for each answer. */
  GITHUB_LATENCY_MS: count.max(60_000).default(0),
  GITHUB_LIMITS: z.enum(['on', 'off']).default('off'),
  GITHUB_TOKEN: text.default('simulated-github-token'),
  PROJECT_WEBHOOK_SECRET: text.default('simulated-webhook-secret'),
});

export type Configuration = ReturnType<typeof readConfiguration>;

/** @throws UsageError that names every fault at once. */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>) {
  const parsed = Variables.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new UsageError(['Environment variables have faults, nothing was started:', ...faults].join('\n'));
  }
  const variables = parsed.data;
  return {
    ports: {
      aws: variables.LOCAL_AWS_PORT,
      api: variables.LOCAL_API_PORT,
      identityProvider: variables.LOCAL_IDENTITY_PORT,
      github: variables.LOCAL_GITHUB_PORT,
    },
    stateFolder: variables.LOCAL_STATE_FOLDER,
    logLevel: variables.LOG_LEVEL,
    bank: {
      organization: 'item-bank',
      repositories: variables.ITEM_BANK_SIZE,
      withoutProjectWebhook: Math.min(variables.ITEM_BANK_WITHOUT_WEBHOOK, variables.ITEM_BANK_SIZE),
      seed: variables.ITEM_BANK_SEED,
      latencyMs: variables.GITHUB_LATENCY_MS,
      limits: variables.GITHUB_LIMITS,
    },
    secret: { githubToken: variables.GITHUB_TOKEN, webhookSecret: variables.PROJECT_WEBHOOK_SECRET },
  };
}

export const STAGE = 'local';

/** Whom the embedded identity provider knows. Anybody may read this: it protects a simulation. */
export const IDENTITIES = {
  audience: 'item-sync',
  scopes: ['item-sync/sync', 'item-sync/read'],
  client: { id: 'item-sync-operator', secret: 'operator-client-secret' },
  user: { name: 'operator', password: 'operator-password' },
} as const;

/** The settings of the stack that make it talk to what runs beside it. */
export function stackSettings({ ports, bank, logLevel }: Configuration): Record<string, string> {
  const issuer = `http://127.0.0.1:${ports.identityProvider}`;
  return {
    stage: STAGE,
    organization: bank.organization,
    githubApiUrl: `http://127.0.0.1:${ports.github}`,
    projectWebhookUrl: `http://127.0.0.1:${ports.api}/webhook`,
    tokenIssuer: issuer,
    tokenJwksUri: `${issuer}/jwks`,
    tokenAudience: IDENTITIES.audience,
    logLevel,
  };
}
