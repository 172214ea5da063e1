import * as z from 'zod';
import { ENV, type EnvName, GITHUB_LIMITS, isSecureUrl, SECURE_URL_RULE } from '../contract.ts';
import { SyncError } from '../errors.ts';
import { PUBLISHED_LIMITS } from '../item-bank/limits.ts';

const text = z.string().trim().min(1);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
// Empty is no number, although Number says 0.
const percent = text.transform(Number).pipe(z.number().min(0).max(100));
const secureUrl = text.refine(isSecureUrl, SECURE_URL_RULE);

const PARSERS = {
  jobExecutionsTable: text,
  itemsTable: text,
  changeEventBus: text,
  stateMachineArn: text,
  dryRunOnly: flag,
  removalEnabled: flag,
  removalLimitPercent: percent,
  runDeadlineHours: z.coerce.number().positive(),
  githubOrganization: text,
  // Octokit appends paths that begin with a slash.
  githubApiUrl: secureUrl.transform((url) => url.replace(/\/$/, '')),
  githubSecretId: text,
  githubLimits: z
    .enum(GITHUB_LIMITS)
    .transform((limits) => (limits === 'published' ? PUBLISHED_LIMITS : limits)),
  ignoredRepositories: z
    .string()
    .default('')
    .transform((names) => new Set(names.split(/[\s,]+/).filter((name) => name !== ''))),
  projectWebhookUrl: secureUrl,
  tokenIssuer: text,
  tokenAudience: text,
  tokenJwksUri: secureUrl,
  /** Empty for an issuer whose tokens have no scopes. */
  syncScope: z.string().default(''),
  readScope: z.string().default(''),
} satisfies Record<keyof typeof ENV, z.ZodType>;

export type Environment = Readonly<Record<string, string | undefined>>;
type Setting = keyof typeof PARSERS;
export type Config<Chosen extends Setting> = { [Name in Chosen]: z.output<(typeof PARSERS)[Name]> };

/**
 * Parses the chosen settings from environment variables.
 * @throws SyncError `ConfigurationInvalid` with every fault at once, by the variable's name and never its value.
 */
export function readConfig<Chosen extends Setting>(
  env: Environment,
  chosen: readonly Chosen[],
): Config<Chosen> {
  const faults: string[] = [];
  const entries = chosen.map((setting) => {
    const variable: EnvName = ENV[setting];
    const parsed = PARSERS[setting].safeParse(env[variable]);
    if (!parsed.success) faults.push(`${variable}: ${faultOf(env[variable], parsed.error)}`);
    return [setting, parsed.data] as const;
  });
  if (faults.length > 0) throw new SyncError('ConfigurationInvalid', faults.join('; '));
  return Object.fromEntries(entries) as Config<Chosen>;
}

function faultOf(value: string | undefined, error: z.ZodError): string {
  return value === undefined ? 'is missing' : error.issues.map(({ message }) => message).join(', ');
}
