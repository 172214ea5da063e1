import { UsageError } from '../usage-error.ts';
import type { Connection, Credentials, FindLocalStack, LocalStack } from './connection.ts';
import { profilesFile, readProfile } from './profiles.ts';
import { Secret } from './secret.ts';
import { ConnectionSettings, describeFaults, SETTINGS, variableOf } from './settings.ts';

export interface ConnectionSources {
  flags: {
    api?: string | undefined;
    profile?: string | undefined;
    stage?: string | undefined;
    /** Read from stdin. */
    token?: string | undefined;
  };
  env: Readonly<Record<string, string | undefined>>;
  findLocalStack: FindLocalStack;
}

/**
 * Finds the API of a command: in the flags, the environment, the profile, or the stack that runs on this machine, in
 * this order.
 *
 * @throws UsageError if settings are missing or contradict each other.
 */
export async function findConnection({ flags, env, findLocalStack }: ConnectionSources): Promise<Connection> {
  const given = readGiven(flags, env);
  const profileName = flags.profile ?? (env['ITEM_SYNC_PROFILE'] || undefined);
  const profile = profileName === undefined ? {} : readProfile(profilesFile(env), profileName);
  // A variable that was left in the shell must not send the secrets of the profile to another server.
  if (profile.apiUrl !== undefined && given.apiUrl !== undefined && given.apiUrl !== profile.apiUrl) {
    throw new UsageError(
      `The profile ${profileName} is for another API than ${given.apiUrl}: leave out one of the two.`,
    );
  }
  const apiUrl = given.apiUrl ?? profile.apiUrl;
  if (apiUrl === undefined) {
    if (profileName !== undefined) throw new UsageError(`The profile ${profileName} has no apiUrl.`);
    return connectLocally(await findLocalStack(), namesOf(given, flags));
  }
  // All credentials come from one source: a secret from one must not go to the token URL of another.
  const credentials = readCredentials(given) ?? readCredentials(profile);
  return {
    apiUrl,
    source: profileName === undefined ? 'the flags and the environment' : `the profile ${profileName}`,
    ...(credentials && { credentials }),
    ...pick('stage', given, profile),
    ...pick('region', given, profile),
  };
}

function readGiven(flags: ConnectionSources['flags'], env: ConnectionSources['env']): ConnectionSettings {
  const variables = SETTINGS.flatMap((setting) => {
    const value = env[variableOf(setting)];
    return value === undefined || value === '' ? [] : [[setting, value]];
  });
  const { api: apiUrl, stage, token } = flags;
  const named = Object.entries({ apiUrl, stage, token }).filter(([, value]) => value !== undefined);
  const settings = ConnectionSettings.safeParse({
    ...Object.fromEntries(variables),
    ...Object.fromEntries(named),
  });
  if (settings.success) return settings.data;
  throw new UsageError(`${describeFaults(settings.error, (setting) => nameOf(setting, flags))}.`);
}

/** The name under which the caller gave a setting: the flag, or else the variable. */
function nameOf(setting: string, { api, stage, token }: ConnectionSources['flags']): string {
  const asFlags: Record<string, [string, string | undefined]> = {
    apiUrl: ['--api', api],
    stage: ['--stage', stage],
    token: ['--token-stdin', token],
  };
  const [flag, value] = asFlags[setting] ?? [];
  return flag !== undefined && value !== undefined ? flag : variableOf(setting);
}

/** @throws UsageError if they are incomplete. */
function readCredentials(settings: ConnectionSettings): Credentials | undefined {
  const { token, tokenUrl, clientId, clientSecret, username, password, scope } = settings;
  if (token !== undefined) return { kind: 'token', token: new Secret(token) };
  const scopes = scope === undefined ? {} : { scope };
  if (username !== undefined || password !== undefined) {
    if (tokenUrl === undefined || username === undefined || password === undefined) {
      throw incomplete('the password grant', { tokenUrl, username, password });
    }
    return {
      kind: 'password',
      tokenUrl,
      username,
      password: new Secret(password),
      ...(clientId !== undefined && { clientId }),
      ...(clientSecret !== undefined && { clientSecret: new Secret(clientSecret) }),
      ...scopes,
    };
  }
  if (tokenUrl === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (tokenUrl === undefined || clientId === undefined || clientSecret === undefined) {
    throw incomplete('client credentials', { tokenUrl, clientId, clientSecret });
  }
  return { kind: 'client', tokenUrl, clientId, clientSecret: new Secret(clientSecret), ...scopes };
}

function incomplete(grant: string, needed: Partial<ConnectionSettings>): UsageError {
  const missing = SETTINGS.filter((setting) => setting in needed && needed[setting] === undefined);
  const names = missing.map((setting) => `${setting} (${variableOf(setting)})`);
  return new UsageError(`For ${grant}, also set ${names.join(' and ')}.`);
}

const pick = <Name extends 'stage' | 'region'>(
  name: Name,
  ...sources: ConnectionSettings[]
): { [Key in Name]?: string } => {
  const value = sources.find((source) => source[name] !== undefined)?.[name];
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: string };
};

const HOW_TO_CONNECT =
  'Start a stack here with npm start, or name an API with --api, --profile or ITEM_SYNC_API_URL (docs/cli.md).';

/** The names of the given settings that only make sense with an API. */
const namesOf = (given: ConnectionSettings, flags: ConnectionSources['flags']): string[] =>
  SETTINGS.filter((setting) => given[setting] !== undefined && setting !== 'region').map((setting) =>
    nameOf(setting, flags),
  );

/** @param strange names of settings for an API, although no API is named. */
function connectLocally(stack: LocalStack | undefined, strange: readonly string[]): Connection {
  if (strange.length > 0) {
    throw new UsageError(
      `No API is named for ${strange.join(', ')}: use --api or ITEM_SYNC_API_URL as well, or leave them out.`,
    );
  }
  if (stack === undefined) throw new UsageError(`No stack is running on this machine. ${HOW_TO_CONNECT}`);
  return {
    apiUrl: stack.apiUrl,
    source: 'npm start on this machine',
    credentials: {
      kind: 'client',
      tokenUrl: stack.tokenUrl,
      clientId: stack.client.id,
      clientSecret: new Secret(stack.client.secret),
    },
    stage: stack.stage,
    local: stack,
  };
}
