import * as z from 'zod';
import {
  GITHUB_LIMITS,
  isSecureUrl,
  SECURE_URL_RULE,
  WEBHOOK_SCOPES,
} from '../functions/shared/contract/environment.ts';
import { faultsOfTokenSettings, OWN_SCOPES, tokenRulesOf } from './token-settings.ts';

const text = z.string().trim().min(1);
// What `-c` gives is text, and what cdk.json gives may be a boolean.
const flag = z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false').transform(String);
const secureUrl = text.refine(isSecureUrl, SECURE_URL_RULE);

/** What differs from one deployment to another. Each comes from the CDK context: `-c organization=my-org`. */
const Settings = z
  .object({
    /** Part of every physical name: letters, digits and hyphens, 16 at most. */
    stage: text.regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be lower case letters, digits and hyphens, at most 16'),
    /** The GitHub organization that is the item bank. */
    organization: text.regex(/^[A-Za-z0-9-]{1,39}$/, 'must be the login of a GitHub organization'),
    githubApiUrl: secureUrl.default('https://api.github.com'),
    /** `off` is for an Enterprise Server without limits. */
    githubLimits: z.enum(GITHUB_LIMITS).default('published'),
    /** Names, separated by commas, of the organization's repositories that hold no item. */
    ignoredRepositories: z.string().default(''),
    /** Where GitHub is to report pushes to. */
    projectWebhookUrl: secureUrl,
    /** Whether each repository is to have the project webhook, or the organization one for all. */
    webhookScope: z.enum(WEBHOOK_SCOPES).default('repository'),
    /** Without one the stack brings an issuer of its own. */
    tokenIssuer: secureUrl.optional(),
    /** Goes with `tokenIssuer`. */
    tokenAudience: text.optional(),
    /** `<issuer>/.well-known/jwks.json` unless given. */
    tokenJwksUri: secureUrl.optional(),
    /** What a token must be allowed to start a run; empty for issuers that have no scopes. */
    syncScope: z.string().default(OWN_SCOPES.sync),
    /** What a token must be allowed to read items; empty for issuers that have no scopes. */
    readScope: z.string().default(OWN_SCOPES.read),
    /** An EventBridge schedule expression, in UTC. */
    schedule: text.regex(/^(cron|rate)\(.+\)$/, 'must be cron(…) or rate(…)').default('cron(0 9 * * ? *)'),
    /** The stage may be thrown away, with all that it holds. */
    disposable: flag.transform((value) => value === 'true').default(false),
    /** The SNS topic that alarms are sent to. */
    alarmTopicArn: text
      .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/, 'must be the ARN of an SNS topic')
      .optional(),
    /** A metric counts warnings. */
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
    /** What a run has not done by then is left to the next. */
    runDeadlineHours: z.coerce.number().min(1).max(23).default(6),
    /** Every run is a dry run, whoever starts it: to see what a stage would do before it may do it. */
    dryRunOnly: flag.default('false'),
    /** Whether items whose repository is gone leave the mirror. */
    removalEnabled: flag.default('true'),
    /** A run that would remove a larger share of the mirror removes nothing. */
    removalLimitPercent: z.coerce.number().min(0).max(100).default(10),
  })
  .superRefine(
    (given, { addIssue }) => {
      for (const { setting, message } of faultsOfTokenSettings(given)) {
        addIssue({ code: 'custom', path: [setting], message });
      }
    },
    // All faults are named at once: also these, when single settings have faults.
    { when: () => true },
  )
  .transform(({ tokenIssuer, tokenAudience, tokenJwksUri, ...settings }) => ({
    ...settings,
    /** Absent where the stack is to bring an issuer of its own. */
    tokenRules: tokenRulesOf({ tokenIssuer, tokenAudience, tokenJwksUri }),
  }));

export type Settings = z.output<typeof Settings>;

export const SETTING_NAMES = Object.keys(Settings.in.shape);

/** @throws Error that names every fault at once. */
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
