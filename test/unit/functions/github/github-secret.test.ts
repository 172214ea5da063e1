import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseGitHubSecret } from '../../../../functions/github/github-secret.ts';
import { TOKEN_PLACEHOLDER } from '../../../../functions/shared/contract/github-secret.ts';

const parse = (secret: unknown) => parseGitHubSecret('the-secret', JSON.stringify(secret));
const webhookSecret = 'of-the-webhook';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (type: 'pkcs1' | 'pkcs8') => String(privateKey.export({ type, format: 'pem' }));
const githubApp = { appId: 1, privateKey: pem('pkcs8') };

describe('the secret', () => {
  it('holds a token', () => {
    expect(parse({ githubToken: 't', webhookSecret, note: 'of an operator' })).toEqual({
      githubToken: 't',
      webhookSecret,
    });
  });

  it('holds an App, by numbers or by texts', () => {
    const secret = { githubApp: { ...githubApp, installationId: 2 }, webhookSecret };
    expect(parse(secret)).toEqual(secret);
    expect(parse({ ...secret, githubApp: { ...githubApp, appId: '1', installationId: '2' } })).toEqual(
      secret,
    );
    expect(parse({ githubApp, webhookSecret })).toEqual({ githubApp, webhookSecret });
  });

  it.each([
    ["in GitHub's own form", pem('pkcs1')],
    ['with the line ends of another system', pem('pkcs1').replaceAll('\n', '\r\n')],
    ['in one line', pem('pkcs8').replaceAll('\n', '\\n')],
  ])('holds the key of an App %s', (_, key) => {
    expect(parse({ githubApp: { ...githubApp, privateKey: key }, webhookSecret })).toEqual({
      githubApp,
      webhookSecret,
    });
  });

  it.each([['t'], [TOKEN_PLACEHOLDER]])('may hold a token beside an App, which is not used: %s', (token) => {
    expect(parse({ githubToken: token, githubApp, webhookSecret })).toEqual({ githubApp, webhookSecret });
  });
});

const NOT_JSON = 'must be JSON with webhookSecret, and with githubToken or githubApp';
const CURVE = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

describe('a secret that is not good', () => {
  it.each([
    ['nothing', undefined, NOT_JSON],
    ['a text', 'a-secret-text', NOT_JSON],
    ['a list', ['a-secret-text'], NOT_JSON],
    ['nothing of ours', {}, 'webhookSecret is missing'],
    ['no credentials', { webhookSecret }, 'githubToken or githubApp is missing'],
    [
      'the placeholder',
      { githubToken: TOKEN_PLACEHOLDER, webhookSecret },
      'it holds no GitHub token yet: put one there',
    ],
    ['an empty token', { githubToken: '', webhookSecret }, 'githubToken is empty'],
    ['a number', { githubToken: 4711, webhookSecret }, 'githubToken is no text'],
    ['no webhook secret', { githubApp }, 'webhookSecret is missing'],
    [
      'an App by its number',
      { githubApp: 4711, webhookSecret },
      'githubApp is no object of appId, privateKey and installationId',
    ],
    [
      'an empty App',
      { githubApp: {}, webhookSecret },
      'githubApp.appId is missing; githubApp.privateKey is missing',
    ],
    [
      'an App of the wrong values',
      { githubApp: { appId: 'a-secret-text', installationId: -4711, privateKey: 'a-secret-text' } },
      'githubApp.appId is no number; githubApp.installationId is no number; githubApp.privateKey is no RSA key in PEM; webhookSecret is missing',
    ],
    [
      'another key',
      { githubApp: { ...githubApp, privateKey: CURVE }, webhookSecret },
      'githubApp.privateKey is no RSA key in PEM',
    ],
  ])('is told by what is wrong with it, and by no value: %s', (_, secret, fault) => {
    expect(() => parse(secret)).toThrow(
      expect.objectContaining({
        name: 'GitHubSecretInvalid',
        message: `the-secret: ${fault}`,
        cause: undefined,
      }),
    );
  });

  it('is told when it is not even JSON', () => {
    expect(() => parseGitHubSecret('the-secret', '{"githubToken":')).toThrow(NOT_JSON);
  });
});
