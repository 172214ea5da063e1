import { join, resolve } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../cli/usage-error.ts';
import {
  GITHUB_LIMITS,
  isSecureUrl,
  SECURE_URL_RULE,
  type WebhookScope,
} from '../functions/shared/contract/environment.ts';
import { GITHUB_TOKEN_RULE, isGitHubToken } from '../functions/shared/contract/github-secret.ts';
import { digest, type ItemBank, isFromFolder, stateKey } from './item-bank.ts';
import { isPublicUrl, PUBLIC_URL_RULE } from './public-url.ts';

const whole = (from: number, to: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && isWithin(text, from, to),
      `must be a number from ${from} to ${to}`,
    )
    .transform(Number);
const decimal = (from: number, to: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+(\.\d+)?$/.test(text) && isWithin(text, from, to),
      `must be a number from ${from} to ${to}`,
    )
    .transform(Number);
const isWithin = (text: string, from: number, to: number): boolean =>
  Number(text) >= from && Number(text) <= to;
const oneOf = <const Name extends string>(names: readonly Name[]) =>
  z.enum(names, `must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}`);
const text = z.string().min(1, 'must not be empty');
// A value that was read from a file often ends in a line break.
const secret = z.string().trim().min(1, 'must not be empty');
const port = whole(1, 65_535);
const folder = text.transform((path) => resolve(path));
const together = (reason = '') => `does not go together with ITEM_BANK_ORG${reason}: unset one of the two`;

/** The environment variables of the commands, with their defaults. */
const SHARED = {
  LOCAL_AWS_PORT: port.default(4566),
  LOCAL_API_PORT: port.default(4510),
  LOCAL_IDENTITY_PORT: port.default(4520),
  LOCAL_STATE_FOLDER: folder.default(join(import.meta.dirname, '..', '.local')),
  LOG_LEVEL: oneOf(['DEBUG', 'INFO', 'WARN']).default('INFO'),
  // Not that of an App: the commands use a token, with which GitHub does not show an App's webhook.
  WEBHOOK_SCOPE: oneOf(['repository', 'organization']).default('repository'),
};

const Simulation = z.object({
  ...SHARED,
  LOCAL_GITHUB_PORT: port.default(4530),
  /** Contains a folder for each repository of the simulated organization. */
  ITEM_BANK_FOLDER: folder.optional(),
  /** The number of made-up repositories; without effect if there is a folder. */
  ITEM_BANK_SIZE: whole(0, 200_000).default(1_811),
  /** By default 10 of the made-up repositories, and none of those from a folder. */
  ITEM_BANK_WITHOUT_WEBHOOK: whole(0, 200_000).optional(),
  ITEM_BANK_SEED: whole(0, Number.MAX_SAFE_INTEGER).default(1),
  /** Milliseconds that are added to each answer of the simulated GitHub. */
  GITHUB_LATENCY_MS: whole(0, 60_000).default(0),
  GITHUB_LIMITS: oneOf(GITHUB_LIMITS).default('off'),
  /** Whether the simulated GitHub delivers webhook events. Without them, only runs find changes. */
  GITHUB_DELIVERIES: oneOf(['on', 'off']).default('on'),
  PROJECT_WEBHOOK_SECRET: secret.default('simulated-webhook-secret'),
  /** How many times as fast as the real time the clock runs. */
  TIME_SCALE: decimal(1, 120).default(1),
});

const RealOrganization = z.object({
  ...SHARED,
  ITEM_BANK_ORG: z.string().regex(/^[A-Za-z0-9-]{1,39}$/, 'must be the login of a GitHub organization'),
  ITEM_BANK_FOLDER: z.undefined(together()).optional(),
  TIME_SCALE: z.undefined(together(', because a real GitHub runs in real time')).optional(),
  GITHUB_API_URL: text
    .refine((url) => isSecureUrl(url) && !hasUser(url), `${SECURE_URL_RULE}, without a user name`)
    .default('https://api.github.com'),
  GITHUB_LIMITS: oneOf(GITHUB_LIMITS).default('published'),
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
  const configuration =
    env['ITEM_BANK_ORG'] === undefined
      ? configureSimulation(parse(Simulation, env))
      : configureRealOrganization(parse(RealOrganization, env));
  checkPortsDiffer(configuration);
  return configuration;
}

/** The ports that must be free, by the variable that sets each of them. */
export const portsByVariable = ({
  ports,
  bank,
}: Pick<Configuration, 'ports' | 'bank'>): Record<string, number> => ({
  LOCAL_AWS_PORT: ports.aws,
  LOCAL_API_PORT: ports.api,
  LOCAL_IDENTITY_PORT: ports.identityProvider,
  ...(bank.kind === 'simulated' && { LOCAL_GITHUB_PORT: bank.port }),
});

function checkPortsDiffer(configuration: Configuration): void {
  const byPort = Map.groupBy(Object.entries(portsByVariable(configuration)), ([, number]) => number);
  const faults = [...byPort]
    .filter(([, variables]) => variables.length > 1)
    .map(
      ([number, variables]) =>
        `${variables.map(([name]) => name).join(' and ')} must differ, but are ${number}`,
    );
  if (faults.length > 0) throw refusal(faults);
}

function parse<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => describeFault(String(path[0]), message, env));
  throw refusal(faults);
}

function refusal(faults: readonly string[]): UsageError {
  const [first, ...others] = faults;
  if (others.length === 0) return new UsageError(`Nothing was started: ${first}.`);
  return new UsageError(['Nothing was started:', ...faults.map((fault) => `  ${fault}.`)].join('\n'));
}

/** Variables whose values are not shown. A URL may contain a password. */
const HIDDEN = /^(GITHUB_TOKEN|PROJECT_WEBHOOK_SECRET|.*_URL)$/;

function describeFault(name: string, message: string, env: Environment): string {
  const value = env[name];
  if (HIDDEN.test(name) || value === undefined || !message.startsWith('must be '))
    return `${name} ${message}`;
  return `${name} ${message}, but is ${value === '' ? 'empty' : value}`;
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
    deliveries: variables.GITHUB_DELIVERIES,
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
