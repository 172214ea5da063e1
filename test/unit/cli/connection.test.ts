import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LocalStack } from '../../../cli/connection/connection.ts';
import { type ConnectionSources, findConnection } from '../../../cli/connection/find-connection.ts';
import { Secret } from '../../../cli/connection/secret.ts';
import { UsageError } from '../../../cli/usage-error.ts';
import { temporaryFolder } from '../../support/cloud/assembly.ts';

const API = 'https://api.example.com';
const CLIENT = {
  ITEM_SYNC_TOKEN_URL: 'https://issuer.example.com/token',
  ITEM_SYNC_CLIENT_ID: 'operator',
  ITEM_SYNC_CLIENT_SECRET: 'client-secret',
};
const LOCAL: LocalStack = {
  apiUrl: 'http://127.0.0.1:4510',
  stage: 'local',
  awsEndpoint: 'http://127.0.0.1:4566',
  tokenUrl: 'http://127.0.0.1:4520/token',
  jwksUri: 'http://127.0.0.1:4520/jwks',
  client: { id: 'operator', secret: 'local-secret' },
  github: { apiUrl: 'http://127.0.0.1:4530', organization: 'item-bank' },
};

const find = (sources: Partial<ConnectionSources>) =>
  findConnection({ flags: {}, env: {}, findLocalStack: async () => undefined, ...sources });

/** A configuration folder with these profiles. @returns the environment that names it. */
async function profiles(content: unknown, mode = 0o600): Promise<{ XDG_CONFIG_HOME: string }> {
  const home = await temporaryFolder();
  const file = join(home, 'item-sync', 'profiles.json');
  mkdirSync(join(home, 'item-sync'));
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return { XDG_CONFIG_HOME: home };
}

describe('the address of the API', () => {
  it('comes from the flag before the environment', async () => {
    const env = { ITEM_SYNC_API_URL: 'https://other.example.com' };
    expect(await find({ flags: { api: API }, env })).toMatchObject({ apiUrl: API });
    expect(await find({ env })).toMatchObject({ apiUrl: 'https://other.example.com' });
  });

  it('comes from the profile if neither names one', async () => {
    const env = await profiles({ prod: { apiUrl: `${API}/`, stage: 'prod', token: 'secret' } });
    const connection = await find({ flags: { profile: 'prod' }, env });
    expect(connection).toMatchObject({ apiUrl: API, stage: 'prod', source: 'the profile prod' });
    expect(await find({ env: { ...env, ITEM_SYNC_PROFILE: 'prod' } })).toMatchObject({ apiUrl: API });
  });

  it('is that of the stack on this machine if nothing names another', async () => {
    const connection = await find({ findLocalStack: async () => LOCAL });
    expect(connection).toMatchObject({ apiUrl: LOCAL.apiUrl, stage: 'local', local: LOCAL });
    expect(connection.credentials).toMatchObject({ kind: 'client', clientId: 'operator' });
  });

  it.each([
    ['http://api.example.com', '--api must be an https URL, or an http URL on a loopback address'],
    ['https://user:password@api.example.com', 'without a user name'],
    ['api.example.com', '--api must be an https URL'],
  ])('%s is refused', async (api, sentence) => {
    const failure = find({ flags: { api } });
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(sentence);
    await expect(failure).rejects.not.toThrow('password@');
  });

  it('may be an http URL on this machine', async () => {
    expect(await find({ flags: { api: 'http://127.0.0.1:4510' } })).toMatchObject({
      apiUrl: 'http://127.0.0.1:4510',
    });
  });

  it('is requested from the user if nothing names one', async () => {
    await expect(find({})).rejects.toThrow('No stack is running on this machine. Start a stack here');
  });
});

describe('credentials', () => {
  it.each([
    [{ ITEM_SYNC_TOKEN: 'token\n' }, 'token'],
    [CLIENT, 'client'],
    [{ ...CLIENT, ITEM_SYNC_USERNAME: 'operator', ITEM_SYNC_PASSWORD: 'password' }, 'password'],
    [{ ...CLIENT, ITEM_SYNC_TOKEN: 'token' }, 'token'],
  ])('of the environment %j are a %s', async (env, kind) => {
    const { credentials } = await find({ flags: { api: API }, env });
    expect(credentials?.kind).toBe(kind);
  });

  it.each([
    [{ ITEM_SYNC_CLIENT_ID: 'operator' }, 'also set tokenUrl (ITEM_SYNC_TOKEN_URL) and clientSecret'],
    [{ ITEM_SYNC_USERNAME: 'operator' }, 'For the password grant, also set tokenUrl'],
    [{ ITEM_SYNC_TOKEN_URL: 'http://issuer.example.com/token' }, 'ITEM_SYNC_TOKEN_URL must be an https URL'],
  ])('that are incomplete or insecure are refused: %j', async (env, sentence) => {
    await expect(find({ flags: { api: API }, env })).rejects.toThrow(sentence);
  });

  it('from stdin take precedence over the environment', async () => {
    const { credentials } = await find({
      flags: { api: API, token: 'of-stdin' },
      env: { ITEM_SYNC_TOKEN: 'of-env' },
    });
    expect(credentials?.kind === 'token' && credentials.token.reveal()).toBe('of-stdin');
  });

  it('all come from one source, so that the secret of a profile never goes to another token URL', async () => {
    const env = await profiles({
      prod: {
        apiUrl: API,
        tokenUrl: 'https://prod.example.com/token',
        clientId: 'prod',
        clientSecret: 'prod-secret',
      },
    });
    const other = find({
      flags: { profile: 'prod' },
      env: { ...env, ITEM_SYNC_TOKEN_URL: 'https://other.example.com/token' },
    });
    await expect(other).rejects.toThrow('For client credentials, also set clientId');
  });

  it('of a profile never go to another API', async () => {
    const env = await profiles({ prod: { apiUrl: API, token: 'secret' } });
    const other = find({ flags: { profile: 'prod', api: 'https://other.example.com' }, env });
    await expect(other).rejects.toThrow('The profile prod is for another API than https://other.example.com');
  });

  it('are refused if no API is named that they are for', async () => {
    const local = find({ env: { ITEM_SYNC_TOKEN: 'token' }, findLocalStack: async () => LOCAL });
    await expect(local).rejects.toThrow(
      'No API is named for ITEM_SYNC_TOKEN: use --api or ITEM_SYNC_API_URL',
    );
  });
});

describe('a profile file', () => {
  it.each([0o640, 0o604, 0o660, 0o644])('with secrets and mode %o is refused, with advice', async (mode) => {
    const env = await profiles({ prod: { apiUrl: API, token: 'the-secret' } }, mode);
    const refused = find({ flags: { profile: 'prod' }, env });
    await expect(refused).rejects.toThrow(
      /contains secrets, and its mode 6\d\d lets other users open it.*chmod 600/,
    );
    await expect(refused).rejects.not.toThrow('the-secret');
  });

  it('without secrets may be open to others', async () => {
    const env = await profiles({ prod: { apiUrl: API } }, 0o644);
    expect(await find({ flags: { profile: 'prod' }, env })).toMatchObject({ apiUrl: API });
  });

  it.each([
    ['{"prod": {"token": "the-secret"', 'is not JSON.'],
    [[], 'must be a JSON object with a profile for each name'],
    [{ prod: { apiUrl: API, tokn: 'the-secret' } }, 'The profile prod in '],
    [{ prod: { apiUrl: API, token: 7 } }, 'is not valid: token '],
    [{ prod: { token: 'the-secret' } }, 'The profile prod has no apiUrl.'],
    [{ test: {} }, 'has no profile prod. Its profiles are: test.'],
  ])('with the content %j is refused, and the reason quotes nothing of it', async (content, sentence) => {
    const refused = find({ flags: { profile: 'prod' }, env: await profiles(content) });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.not.toThrow('the-secret');
  });

  it('is named in the error if it does not exist', async () => {
    const refused = find({ flags: { profile: 'prod' }, env: { XDG_CONFIG_HOME: '/nowhere' } });
    await expect(refused).rejects.toThrow(
      'There is no profile prod, because there is no file /nowhere/item-sync/profiles.json.',
    );
  });
});

describe('a secret', () => {
  it('is shown neither as text, nor as JSON, nor by inspection', () => {
    const secret = new Secret('the-secret');
    const shown = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret, { depth: 9 }),
    ];
    expect(shown.join()).not.toContain('the-secret');
    expect(secret.reveal()).toBe('the-secret');
  });
});
