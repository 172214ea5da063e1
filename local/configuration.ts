import { join, resolve } from 'node:path';
import * as z from 'zod';
import {
  GITHUB_LIMITS,
  isSecureUrl,
  SECURE_URL_RULE,
  WEBHOOK_SCOPES,
  type WebhookScope,
} from '../functions/shared/contract/environment.ts';
import { GITHUB_TOKEN_RULE, isGitHubToken } from '../functions/shared/contract/github-secret.ts';
import { digest, type ItemBank, isFromFolder, stateKey } from './item-bank.ts';
import { isPublicUrl, PUBLIC_URL_RULE } from './public-url.ts';
import { UsageError } from './usage-error.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const count = z.coerce.number().int().min(0);
const text = z.string().min(1);
// A value that was read from a file often ends in a line break.
const secret = z.string().trim().min(1);
const folder = text.transform((path) => resolve(path));

/** The environment variables of the commands, with their defaults. */
const SHARED = {
  LOCAL_AWS_PORT: port.default(4566),
  LOCAL_API_PORT: port.default(4510),
  LOCAL_IDENTITY_PORT: port.default(4520),
  LOCAL_STATE_FOLDER: folder.default(join(import.meta.dirname, '..', '.local')),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
  WEBHOOK_SCOPE: z.enum(WEBHOOK_SCOPES).default('repository'),
};

const Simulation = z.object({
  ...SHARED,
  LOCAL_GITHUB_PORT: port.default(4530),
  /** Contains a folder for each repository of the simulated organization. */
  ITEM_BANK_FOLDER: folder.optional(),
  /** The number of made-up repositories; without effect if there is a folder. */
  ITEM_BANK_SIZE: count.max(200_000).default(1_811),
  /** By default 10 of the made-up repositories, and none of those from a folder. */
  ITEM_BANK_WITHOUT_WEBHOOK: count.optional(),
  ITEM_BANK_SEED: count.default(1),
  /** Milliseconds that are added to each answer of the simulated GitHub. */
  GITHUB_LATENCY_MS: count.max(60_000).default(0),
  GITHUB_LIMITS: z.enum(GITHUB_LIMITS).default('off'),
  PROJECT_WEBHOOK_SECRET: secret.default('simulated-webhook-secret'),
  /** How many times as fast as the real time the clock runs. */
  TIME_SCALE: z.coerce.number().min(1).max(120).default(1),
});

const RealOrganization = z.object({
  ...SHARED,
  ITEM_BANK_ORG: z.string().regex(/^[A-Za-z0-9-]{1,39}$/, 'must be the login of a GitHub organization'),
  ITEM_BANK_FOLDER: z.undefined('does not go together with ITEM_BANK_ORG').optional(),
  TIME_SCALE: z
    .undefined('does not go together with ITEM_BANK_ORG: a real GitHub runs in real time')
    .optional(),
  GITHUB_API_URL: text
    .refine((url) => isSecureUrl(url) && !hasUser(url), `${SECURE_URL_RULE}, without a user name`)
    .default('https://api.github.com'),
  GITHUB_LIMITS: z.enum(GITHUB_LIMITS).default('published'),
  GITHUB_TOKEN: secret.refine(isGitHubToken, GITHUB_TOKEN_RULE).optional(),
  PROJECT_WEBHOOK_URL: text.refine(isPublicUrl, PUBLIC_URL_RULE).optional(),
  PROJECT_WEBHOOK_SECRET: secret.optional(),
});

const hasUser = (url: string): boolean => URL.parse(url)?.username !== '';

export interface Configuration {
  /** Part of every name in the stack, so that two banks share nothing, even in the same database engine. */
  stage: string;
  ports: { aws: number; api: number; identityProvider: number };
  /** Holds the state of this item bank, and of no other. */
  stateFolder: string;
  logLevel: string;
  webhookScope: WebhookScope;
  /** 1 is the real clock. */
  timeScale: number;
  bank: ItemBank;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UsageError that names all faults. */
export function readConfiguration(env: Environment): Configuration {
  return env['ITEM_BANK_ORG'] === undefined
    ? configureSimulation(parse(Simulation, env))
    : configureRealOrganization(parse(RealOrganization, env));
}

function parse<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new UsageError(
    ['Nothing was started, because environment variables have faults:', ...faults].join('\n'),
  );
}

function configureSimulation(variables: z.output<typeof Simulation>): Configuration {
  const { ITEM_BANK_FOLDER, ITEM_BANK_SIZE, ITEM_BANK_WITHOUT_WEBHOOK, LOCAL_GITHUB_PORT } = variables;
  const size =
    ITEM_BANK_FOLDER === undefined
      ? {
          repositories: ITEM_BANK_SIZE,
          withoutProjectWebhook: Math.min(ITEM_BANK_WITHOUT_WEBHOOK ?? 10, ITEM_BANK_SIZE),
        }
      : { repositories: 0, withoutProjectWebhook: ITEM_BANK_WITHOUT_WEBHOOK ?? 0 };
  return configure(variables, {
    kind: 'simulated',
    organization: 'item-bank',
    apiUrl: `http://127.0.0.1:${LOCAL_GITHUB_PORT}`,
    port: LOCAL_GITHUB_PORT,
    folder: ITEM_BANK_FOLDER,
    ...size,
    seed: variables.ITEM_BANK_SEED,
    latencyMs: variables.GITHUB_LATENCY_MS,
    limits: variables.GITHUB_LIMITS,
    // Not the caller's GITHUB_TOKEN: a simulation must not see a real token.
    secret: { githubToken: 'simulated-github-token', webhookSecret: variables.PROJECT_WEBHOOK_SECRET },
    dryRunOnly: false,
  });
}

function configureRealOrganization(variables: z.output<typeof RealOrganization>): Configuration {
  return configure(variables, {
    kind: 'real',
    organization: variables.ITEM_BANK_ORG,
    apiUrl: variables.GITHUB_API_URL.replace(/\/$/, ''),
    limits: variables.GITHUB_LIMITS,
    token: variables.GITHUB_TOKEN,
    projectWebhookUrl: variables.PROJECT_WEBHOOK_URL,
    webhookSecret: variables.PROJECT_WEBHOOK_SECRET,
    dryRunOnly: true,
  });
}

type Shared = Pick<z.output<typeof Simulation>, keyof typeof SHARED> & { TIME_SCALE?: number | undefined };

function configure(variables: Shared, bank: ItemBank): Configuration {
  const { LOCAL_STATE_FOLDER: root, LOG_LEVEL: logLevel, WEBHOOK_SCOPE: webhookScope } = variables;
  const { TIME_SCALE: timeScale = 1 } = variables;
  const ports = {
    aws: variables.LOCAL_AWS_PORT,
    api: variables.LOCAL_API_PORT,
    identityProvider: variables.LOCAL_IDENTITY_PORT,
  };
  const key = stateKey(bank, timeScale);
  const place =
    key === undefined
      ? { stage: STAGE, stateFolder: root }
      : { stage: `${STAGE}-${digest(key)}`, stateFolder: join(root, key) };
  return { ...place, ports, logLevel, webhookScope, timeScale, bank };
}

/** The stage of the made-up bank. */
export const STAGE = 'local';

/** The client and the user of the embedded identity provider. Not secret: no port is open beyond this machine. */
export const IDENTITIES = {
  audience: 'item-sync',
  scopes: ['item-sync/sync', 'item-sync/read'],
  client: { id: 'item-sync-operator', secret: 'operator-client-secret' },
  user: { name: 'operator', password: 'operator-password' },
} as const;

/** The settings that connect the stack to the services on this machine. None of them is secret. */
export function stackSettings(configuration: Configuration): Record<string, string> {
  const { stage, ports, bank, logLevel, webhookScope } = configuration;
  const issuer = `http://127.0.0.1:${ports.identityProvider}`;
  const receiver = bank.kind === 'real' ? bank.projectWebhookUrl : undefined;
  return {
    stage,
    organization: bank.organization,
    githubApiUrl: bank.apiUrl,
    projectWebhookUrl: receiver ?? `http://127.0.0.1:${ports.api}/webhook`,
    tokenIssuer: issuer,
    tokenJwksUri: `${issuer}/jwks`,
    tokenAudience: IDENTITIES.audience,
    logLevel,
    webhookScope,
    dryRunOnly: String(bank.dryRunOnly),
    githubLimits: bank.limits,
    // Folders are deleted on purpose, and a single item may exceed the default limit in a small bank.
    ...(isFromFolder(bank) && { removalLimitPercent: '100' }),
  };
}
