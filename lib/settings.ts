import * as z from 'zod';
import {
  GITHUB_LIMITS,
  isSecureUrl,
  SECURE_URL_RULE,
  WEBHOOK_SCOPES,
} from '../functions/shared/contract/environment.ts';
import { faultsOfTokenSettings, OWN_SCOPES, tokenRulesOf } from './token-settings.ts';

const text = z.string().trim().min(1);
// A value from `-c` is text; a value from cdk.json or a stage file may be a boolean.
const flag = z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false').transform(String);
const secureUrl = text.refine(isSecureUrl, SECURE_URL_RULE);

/**
 * What differs from one deployment to another. Each setting comes from the CDK context: `-c organization=my-org`.
 * The descriptions become docs/settings.md: `npm run docs:settings`.
 */
export const Settings = z
  .object({
    stage: text
      .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be lower case letters, digits and hyphens, at most 16')
      .describe(
        'Name of the deployment. It is part of every physical name, so that several stages can share an account. Lower case letters, digits and hyphens, at most 16. Without `tokenIssuer`, it must not contain `aws`, `amazon` or `cognito`, which Amazon Cognito reserves.',
      ),
    organization: text
      .regex(/^[A-Za-z0-9-]{1,39}$/, 'must be the login of a GitHub organization')
      .describe('Login of the GitHub organization that is the item bank.'),
    githubApiUrl: secureUrl
      .default('https://api.github.com')
      .describe("Address of GitHub's API. For an Enterprise Server: `https://<host>/api/v3`."),
    githubLimits: z
      .enum(GITHUB_LIMITS)
      .default('published')
      .describe(
        "`published` keeps to GitHub's published rate limits. `off` is for an Enterprise Server without limits.",
      ),
    ignoredRepositories: z
      .string()
      .default('')
      .describe('Names of repositories that hold no item, separated by commas.'),
    projectWebhookUrl: secureUrl.describe('Address to which GitHub reports pushes.'),
    webhookScope: z
      .enum(WEBHOOK_SCOPES)
      .default('repository')
      .describe(
        '`repository`: every repository has a project webhook. `organization`: the organization has one for all of them. `app`: the GitHub App has one, for which no permission is needed.',
      ),
    redeliverFailedDeliveries: flag
      .default('false')
      .describe(
        '`true`: at the start of a run, GitHub is asked to send deliveries again that failed within the last day, at most 100. Not for `webhookScope=repository`.',
      ),
    tokenIssuer: secureUrl
      .optional()
      .describe(
        'Issuer (`iss`) of the bearer tokens that the API accepts. Without it, the stack creates an Amazon Cognito user pool as its issuer.',
      ),
    tokenAudience: text
      .optional()
      .describe(
        'Required audience of a token: its `aud`, or its `client_id` if it has no `aud`. Set it together with `tokenIssuer`.',
      ),
    tokenJwksUri: secureUrl
      .optional()
      .describe("Address of the issuer's keys. By default `<tokenIssuer>/.well-known/jwks.json`."),
    tokenKeysMaxAgeMinutes: z.coerce
      .number()
      .min(1)
      .max(1_440)
      .default(15)
      .describe(
        "Minutes after which a key that is no longer in the issuer's key set is not accepted any more.",
      ),
    tokenLeewaySeconds: z.coerce
      .number()
      .min(0)
      .max(60)
      .default(5)
      .describe(
        "Seconds by which the clocks of the issuer and of Lambda may differ: for a token's `exp`, `nbf` and `iat`.",
      ),
    tokenMaxLifetimeHours: z.coerce
      .number()
      .min(1)
      .max(8_760)
      .default(24)
      .describe('Tokens that are valid for longer, from their `iat` to their `exp`, are rejected.'),
    authorizerConcurrency: z.coerce
      .number()
      .int()
      .min(0)
      .max(1_000)
      .default(20)
      .describe(
        'Concurrent executions of Lambda that are reserved for the authorizer. `0` reserves none, for an account whose limit is too small.',
      ),
    syncScope: z
      .string()
      .default(OWN_SCOPES.sync)
      .describe(
        'Scope that a token needs to start runs. Empty if the tokens of your issuer have no scopes. Change it only together with `tokenIssuer`.',
      ),
    readScope: z
      .string()
      .default(OWN_SCOPES.read)
      .describe(
        'Scope that a token needs to read items. Empty if the tokens of your issuer have no scopes. Change it only together with `tokenIssuer`.',
      ),
    schedule: text
      .regex(/^(cron|rate)\(.+\)$/, 'must be cron(…) or rate(…)')
      .default('cron(0 9 * * ? *)')
      .describe('When runs start: an EventBridge schedule expression, in UTC.'),
    disposable: flag
      .transform((value) => value === 'true')
      .default(false)
      .describe('`true`: nothing in the stage is protected, and all its data is deleted with the stack.'),
    alarmTopicArn: text
      .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/, 'must be the ARN of an SNS topic')
      .optional()
      .describe(
        'ARN of the SNS topic that alarms notify. Without it, alarms show in the CloudWatch console only.',
      ),
    fullRunMaxAgeHours: z.coerce
      .number()
      .int()
      .min(2)
      // An alarm looks back for seven days at most.
      .max(168)
      .default(26)
      .describe(
        'Hours without a completed full run after which an alarm fires. For a daily schedule: 24, plus time for the run.',
      ),
    staleItemHours: z.coerce
      .number()
      .int()
      .min(1)
      .max(8_760)
      .default(168)
      .describe(
        'Hours for which an item may fail or be deferred before an alarm fires. Correct the item, or raise the limit.',
      ),
    // Not above WARN: a metric counts warnings.
    logLevel: z
      .enum(['DEBUG', 'INFO', 'WARN'])
      .default('INFO')
      .describe('`DEBUG` adds one log line per item.'),
    runDeadlineHours: z.coerce
      .number()
      .min(1)
      .max(23)
      .default(6)
      .describe('Hours after which a run starts no more work. The rest is left to the next run.'),
    dryRunOnly: flag
      .default('false')
      .describe(
        '`true`: nothing is written, neither by runs nor because of deliveries. Use it to see what a stage would do before it may write.',
      ),
    removalEnabled: flag
      .default('true')
      .describe('`false`: items stay in the mirror after their repository is gone.'),
    removalLimitPercent: z.coerce
      .number()
      .min(0)
      .max(100)
      .default(10)
      .describe(
        'Largest share of the mirror that one run may remove. A run that would remove more removes nothing. Between two full runs, deliveries may remove the same share of the bank.',
      ),
  })
  .superRefine(
    (given, { addIssue }) => {
      for (const { setting, message } of faultsOfTokenSettings(given)) {
        addIssue({ code: 'custom', path: [setting], message });
      }
    },
    // Also runs when single settings have faults, so that all faults are reported at once.
    { when: () => true },
  )
  .transform(({ tokenIssuer, tokenAudience, tokenJwksUri, ...settings }) => ({
    ...settings,
    /** Absent if the stack creates an issuer of its own. */
    tokenRules: tokenRulesOf({ tokenIssuer, tokenAudience, tokenJwksUri }),
  }));

export type Settings = z.output<typeof Settings>;

export const SETTING_NAMES = Object.keys(Settings.in.shape);

/**
 * The CDK's own context has names such as `@aws-cdk/core:target-partitions` and `cli-telemetry`. Any other name is meant
 * as a setting, and a typo in one that protects data must not pass unnoticed.
 * @throws Error that lists the names that are not settings.
 */
export function assertSettingNames(contextNames: readonly string[]): void {
  const unknown = contextNames.filter((name) => /^\w+$/.test(name) && !SETTING_NAMES.includes(name));
  if (unknown.length === 0) return;
  const known = SETTING_NAMES.join(', ');
  throw new Error(`These are not settings: ${unknown.join(', ')}. The settings are: ${known}.`);
}

/** One line for each setting, with its value and whether that is the default. */
export function describeSettings(context: (name: string) => unknown): string {
  return Object.entries(Settings.in.shape)
    .map(([name, schema]) => {
      const given = context(name);
      const value = given ?? schema.safeParse(undefined).data ?? 'none';
      return `  ${name}: ${value}${given === undefined ? ' (default)' : ''}`;
    })
    .join('\n');
}

/** @throws Error that names all faults. */
export function readSettings(context: (name: string) => unknown): Settings {
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, context(name)]));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return given[name] === undefined ? `  ${name} is missing: -c ${name}=…` : `  ${name} ${message}`;
  });
  throw new Error(['The stack cannot be built. Its settings have faults:', ...faults].join('\n'));
}
