import {
  ENV,
  type EnvName,
  GITHUB_LIMITS,
  isSecureUrl,
  SECURE_URL_RULE,
  WEBHOOK_SCOPES,
} from './contract/environment.ts';
import { SyncError } from './errors.ts';
import * as z from './zod.ts';

const text = z.string().check(z.trim(), z.minLength(1));
const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
);
// `text` rejects the empty string, which Number would read as 0.
const toNumber = z.pipe(text, z.transform(Number));
const positive = z.pipe(toNumber, z.number().check(z.positive()));
const percent = z.pipe(toNumber, z.number().check(z.minimum(0), z.maximum(100)));
const secureUrl = text.check(z.refine(isSecureUrl, SECURE_URL_RULE));

const PARSERS = {
  stage: text,
  jobExecutionsTable: text,
  itemsTable: text,
  changeEventBus: text,
  runTopicArn: text,
  stateMachineArn: text,
  dryRunOnly: flag,
  removalEnabled: flag,
  removalLimitPercent: percent,
  runDeadlineHours: positive,
  githubOrganization: text,
  // Without a trailing slash, because Octokit appends paths that begin with one.
  githubApiUrl: z.pipe(
    secureUrl,
    z.transform((url) => url.replace(/\/$/, '')),
  ),
  githubSecretId: text,
  githubLimits: z.enum(GITHUB_LIMITS),
  webhookScope: z.enum(WEBHOOK_SCOPES),
  redeliverFailedDeliveries: flag,
  deliveryQueueUrl: text,
  failedDeliveryQueueUrl: text,
  ignoredRepositories: z.pipe(
    z._default(z.string(), ''),
    z.transform((names) => new Set(names.split(/[\s,]+/).filter((name) => name !== ''))),
  ),
  projectWebhookUrl: secureUrl,
  tokenIssuer: text,
  tokenAudience: text,
  tokenJwksUri: secureUrl,
  tokenKeysMaxAgeMinutes: positive,
  tokenLeewaySeconds: z.pipe(toNumber, z.number().check(z.nonnegative())),
  tokenMaxLifetimeHours: positive,
  /** Scopes are empty for an issuer whose tokens have none. */
  syncScope: z._default(z.string(), ''),
  readScope: z._default(z.string(), ''),
} satisfies Record<keyof typeof ENV, z.ZodMiniType>;

export type Environment = Readonly<Record<string, string | undefined>>;
type Setting = keyof typeof PARSERS;
export type Config<Chosen extends Setting> = { [Name in Chosen]: z.output<(typeof PARSERS)[Name]> };

/**
 * Parses the chosen settings from environment variables.
 * @throws SyncError `ConfigurationInvalid` with every fault, by the name of the variable and never by its value.
 */
export function readConfig<Chosen extends Setting>(
  env: Environment,
  chosen: readonly Chosen[],
): Config<Chosen> {
  const faults: string[] = [];
  const entries = chosen.map((setting) => {
    const variable: EnvName = ENV[setting];
    const value = env[variable];
    const parsed = PARSERS[setting].safeParse(value);
    if (!parsed.success) {
      const messages = parsed.error.issues.map(({ message }) => message);
      faults.push(`${variable}: ${value === undefined ? 'is missing' : messages.join(', ')}`);
    }
    return [setting, parsed.data] as const;
  });
  if (faults.length > 0) throw new SyncError('ConfigurationInvalid', faults.join('; '));
  return Object.fromEntries(entries) as Config<Chosen>;
}
