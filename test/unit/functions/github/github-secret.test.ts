import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseGitHubSecret } from '../../../../functions/github/github-secret.ts';
import { TOKEN_PLACEHOLDER } from '../../../../functions/shared/contract/github-secret.ts';

const parse = (secret: unknown) => parseGitHubSecret('the-secret', JSON.stringify(secret));
const webhookSecret = 'the-webhook-secret';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (type: 'pkcs1' | 'pkcs8') => String(privateKey.export({ type, format: 'pem' }));
const githubApp = { appId: 1, privateKey: pem('pkcs8') };

describe('the GitHub secret', () => {
  it('may contain a token and further fields', () => {
    expect(parse({ githubToken: 't', webhookSecret, note: 'by an operator' })).toEqual({
      githubToken: 't',
      webhookSecret,
    });
  });

  it('may contain an App whose ids are numbers or strings', () => {
    const secret = { githubApp: { ...githubApp, installationId: 2 }, webhookSecret };
    expect(parse(secret)).toEqual(secret);
    expect(parse({ ...secret, githubApp: { ...githubApp, appId: '1', installationId: '2' } })).toEqual(
      secret,
    );
    expect(parse({ githubApp, webhookSecret })).toEqual({ githubApp, webhookSecret });
  });

  it('may end its values in line breaks, as files do', () => {
    expect(parse({ githubToken: ' t\r\n', webhookSecret: `${webhookSecret}\n` })).toEqual({
      githubToken: 't',
      webhookSecret,
    });
  });

  it('may contain a broken token that an App makes superfluous', () => {
    expect(parse({ githubToken: 'a\nb', githubApp, webhookSecret })).toEqual({ githubApp, webhookSecret });
  });

  it.each([
    ["in GitHub's own form", pem('pkcs1')],
    ['with Windows line ends', pem('pkcs1').replaceAll('\n', '\r\n')],
    ['on one line', pem('pkcs8').replaceAll('\n', '\\n')],
  ])('accepts the key of an App %s', (_, key) => {
    expect(parse({ githubApp: { ...githubApp, privateKey: key }, webhookSecret })).toEqual({
      githubApp,
      webhookSecret,
    });
  });

  it.each([['t'], [TOKEN_PLACEHOLDER]])('prefers an App to a token: %s', (token) => {
    expect(parse({ githubToken: token, githubApp, webhookSecret })).toEqual({ githubApp, webhookSecret });
  });
});

const NOT_JSON = 'must be a JSON object with webhookSecret, and with githubToken or githubApp';
const CURVE = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

describe('an invalid secret', () => {
  it.each([
    ['nothing', undefined, NOT_JSON],
    ['a string', 'a-secret-text', NOT_JSON],
    ['a list', ['a-secret-text'], NOT_JSON],
    ['an empty object', {}, 'webhookSecret is missing'],
    ['no credentials', { webhookSecret }, 'githubToken or githubApp is missing'],
    [
      'the placeholder',
      { githubToken: TOKEN_PLACEHOLDER, webhookSecret },
      'githubToken is still the placeholder: store a token',
    ],
    ['an empty token', { githubToken: '', webhookSecret }, 'githubToken is empty'],
    ['a token of spaces', { githubToken: ' \n', webhookSecret }, 'githubToken is empty'],
    ['a webhook secret of spaces', { githubApp, webhookSecret: ' \n' }, 'webhookSecret is empty'],
    ['a number', { githubToken: 4711, webhookSecret }, 'githubToken is not a string'],
    ['no webhook secret', { githubApp }, 'webhookSecret is missing'],
    [
      'an App that is a number',
      { githubApp: 4711, webhookSecret },
      'githubApp is not an object with appId, privateKey and, optionally, installationId',
    ],
    [
      'an empty App',
      { githubApp: {}, webhookSecret },
      'githubApp.appId is missing; githubApp.privateKey is missing',
    ],
    [
      'an App with wrong values',
      { githubApp: { appId: 'a-secret-text', installationId: -4711, privateKey: 'a-secret-text' } },
      'githubApp.appId is not a number; githubApp.installationId is not a number; githubApp.privateKey is not an RSA private key in PEM; webhookSecret is missing',
    ],
    [
      'a key that is not RSA',
      { githubApp: { ...githubApp, privateKey: CURVE }, webhookSecret },
      'githubApp.privateKey is not an RSA private key in PEM',
    ],
  ])('is reported with its faults and without its values: %s', (_, secret, fault) => {
    expect(() => parse(secret)).toThrow(
      expect.objectContaining({
        name: 'GitHubSecretInvalid',
        message: `the-secret: ${fault}`,
        cause: undefined,
      }),
    );
  });

  it.each(['a-secret\ntext', 'a-secret text', '“a-secret-text”', 'a-secret-tеxt'])(
    'is reported if its token has a character that no token has: %j',
    (githubToken) => {
      expect(() => parse({ githubToken, webhookSecret })).toThrow(
        'the-secret: githubToken contains a character that no token has',
      );
      expect(() => parse({ githubToken, webhookSecret })).not.toThrow(/a-secret/);
    },
  );

  it('is reported if it is not JSON', () => {
    expect(() => parseGitHubSecret('the-secret', '{"githubToken":')).toThrow(NOT_JSON);
  });
});
