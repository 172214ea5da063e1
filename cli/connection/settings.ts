import * as z from 'zod';
import { isSecureUrl, SECURE_URL_RULE } from '../../functions/shared/contract/environment.ts';

const hasUser = (url: string): boolean => URL.parse(url)?.username !== '' || URL.parse(url)?.password !== '';

const url = z
  .string()
  .refine((given) => isSecureUrl(given) && !hasUser(given), `${SECURE_URL_RULE}, without a user name`)
  .transform((given) => given.replace(/\/+$/, ''));
const name = z.string().min(1, 'must not be empty');
// A value that was read from a file often ends in a line break.
const secret = z.string().trim().min(1, 'must not be empty');

/** The settings of a profile. Environment variables have the same names in upper case, after `ITEM_SYNC_`. */
export const ConnectionSettings = z.strictObject({
  apiUrl: url.optional(),
  token: secret.optional(),
  tokenUrl: url.optional(),
  clientId: name.optional(),
  clientSecret: secret.optional(),
  username: name.optional(),
  password: secret.optional(),
  /** Scopes to request, separated by spaces. Without it, the issuer decides. */
  scope: name.optional(),
  stage: z
    .string()
    .regex(/^[a-z0-9-]{1,20}$/, 'must be the name of a stage')
    .optional(),
  region: name.optional(),
});
export type ConnectionSettings = z.output<typeof ConnectionSettings>;

export type Setting = keyof ConnectionSettings;
export const SETTINGS = Object.keys(ConnectionSettings.shape) as Setting[];

export const SECRET_SETTINGS: readonly Setting[] = ['token', 'clientSecret', 'password'];

/** `clientId` is `ITEM_SYNC_CLIENT_ID`. */
export const variableOf = (setting: string): string =>
  `ITEM_SYNC_${setting.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;

/** The faults of settings, by name and never by value. */
export function describeFaults(error: z.ZodError, nameOf: (setting: string) => string): string {
  return error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${nameOf(key)} is not a setting`)
        : [`${nameOf(issue.path.join('.'))} ${issue.message}`],
    )
    .join('; ');
}
