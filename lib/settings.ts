import * as z from 'zod';
import { GITHUB_LIMITS, isSecureUrl, SECURE_URL_RULE, WEBHOOK_SCOPES } from '../functions/contract.ts';
import { faultsOfTokenSettings, OWN_SCOPES, tokenRulesOf } from './token-settings.ts';

const text = z.string().trim().min(1);
// A value from `-c` is text; a value from cdk.json or a stage file may be a boolean.
const flag = z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false').transform(String);
const secureUrl = text.refine(isSecureUrl, SECURE_URL_RULE);

/** The settings of a deployment. Each is a value of the CDK context, such as `-c organization=my-org`. */
const Settings = z
  .object({
    /** Part of every physical name. */
    stage: text.regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be lower case letters, digits and hyphens, at most 16'),
    /** The GitHub organization that is the item bank. */
    organization: text.regex(/^[A-Za-z0-9-]{1,39}$/, 'must be the login of a GitHub organization'),
    githubApiUrl: secureUrl.default('https://api.github.com'),
    /** `off` is for an Enterprise Server without limits. */
    githubLimits: z.enum(GITHUB_LIMITS).default('published'),
    /** Comma-separated names of repositories that hold no item. */
    ignoredRepositories: z.string().default(''),
    /** The URL that GitHub reports pushes to. */
    projectWebhookUrl: secureUrl,
    /** Whether each repository has a project webhook, or the organization has one for all. */
    webhookScope: z.enum(WEBHOOK_SCOPES).default('repository'),
    /** Without one, the stack creates an issuer of its own. */
    tokenIssuer: secureUrl.optional(),
    /** Required with `tokenIssuer`. */
    tokenAudience: text.optional(),
    /** `<issuer>/.well-known/jwks.json` by default. */
    tokenJwksUri: secureUrl.optional(),
    /** The scope that a token needs to start a run; empty for issuers without scopes. */
    syncScope: z.string().default(OWN_SCOPES.sync),
    /** The scope that a token needs to read items; empty for issuers without scopes. */
    readScope: z.string().default(OWN_SCOPES.read),
    /** An EventBridge schedule expression, in UTC. */
    schedule: text.regex(/^(cron|rate)\(.+\)$/, 'must be cron(…) or rate(…)').default('cron(0 9 * * ? *)'),
    /** The stage and its data may be deleted at any time: nothing is protected. */
    disposable: flag.transform((value) => value === 'true').default(false),
    /** The SNS topic for alarms. */
    alarmTopicArn: text
      .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/, 'must be the ARN of an SNS topic')
      .optional(),
    /** No higher than WARN: a metric counts warnings. */
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
    /** Work that a run has not done by then is left to the next run. */
    runDeadlineHours: z.coerce.number().min(1).max(23).default(6),
    /** Makes every run a dry run, to see what a stage would write before it is allowed to. */
    dryRunOnly: flag.default('false'),
    /** Whether a run removes items whose repository no longer exists. */
    removalEnabled: flag.default('true'),
    /** A run that would remove more than this share of the mirror removes nothing. */
    removalLimitPercent: z.coerce.number().min(0).max(100).default(10),
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
