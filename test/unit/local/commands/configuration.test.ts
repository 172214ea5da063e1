import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../cli/usage-error.ts';
import { readConfiguration, stackSettings } from '../../../../local/configuration.ts';
import { permitWriting, secretOf } from '../../../../local/item-bank.ts';

const LOCAL_STATE_FOLDER = '/state';
const organization = { LOCAL_STATE_FOLDER, ITEM_BANK_ORG: 'Acme', GITHUB_TOKEN: 'a-token' };
const toWrite = { PROJECT_WEBHOOK_URL: 'https://items.example.com/webhook', PROJECT_WEBHOOK_SECRET: 's' };

const read = (env: Record<string, string>) => readConfiguration({ LOCAL_STATE_FOLDER, ...env });

describe('the item bank', () => {
  it('is made up unless a folder or an organization is given', () => {
    const { bank, stage, stateFolder } = read({});
    expect(bank).toMatchObject({
      kind: 'simulated',
      repositories: 1811,
      withoutProjectWebhook: 10,
      folder: undefined,
    });
    expect([stage, stateFolder]).toEqual(['local', '/state']);
  });

  it('ignores the token of the environment when simulated', () => {
    expect(JSON.stringify(read({ GITHUB_TOKEN: 'a-token' }))).not.toContain('a-token');
  });

  it('has all webhooks when imported from a folder, unless a number without webhook is given', () => {
    expect(read({ ITEM_BANK_FOLDER: '/mine' }).bank).toMatchObject({
      folder: '/mine',
      withoutProjectWebhook: 0,
    });
    expect(read({ ITEM_BANK_FOLDER: '/mine', ITEM_BANK_WITHOUT_WEBHOOK: '2' }).bank).toMatchObject({
      withoutProjectWebhook: 2,
    });
  });

  it('may be emptied completely only when imported from a folder', () => {
    expect(stackSettings(read({ ITEM_BANK_FOLDER: '/mine' }))).toMatchObject({ removalLimitPercent: '100' });
    expect(stackSettings(read({}))).not.toHaveProperty('removalLimitPercent');
  });

  it('does not lack more webhooks than it has repositories', () => {
    expect(read({ ITEM_BANK_SIZE: '3' }).bank).toMatchObject({ withoutProjectWebhook: 3 });
  });
});

describe('a number', () => {
  it.each(['abc', '', '-1', '1.5', '1e3', '0x10', ' 5', '200001'])('is not "%s"', (value) => {
    expect(() => read({ ITEM_BANK_SIZE: value })).toThrow(
      `Nothing was started: ITEM_BANK_SIZE must be a number from 0 to 200000, but is ${value || 'empty'}.`,
    );
  });

  it.each(['0', '200000'])('is %s', (value) => {
    expect(read({ ITEM_BANK_SIZE: value }).bank).toMatchObject({ repositories: Number(value) });
  });
});

describe('the ports', () => {
  it('must differ', () => {
    expect(() => read({ LOCAL_AWS_PORT: '4510' })).toThrow(
      'Nothing was started: LOCAL_AWS_PORT and LOCAL_API_PORT must differ, but are 4510.',
    );
  });

  it('may be the same as one that a real organization does not need', () => {
    expect(read({ ...organization, LOCAL_AWS_PORT: '4530' }).ports.aws).toBe(4530);
  });
});

describe('the clock', () => {
  it('is the real one unless a scale is given, which gets its own state folder and names', () => {
    expect(read({}).timeScale).toBe(1);
    const scaled = read({ TIME_SCALE: '60' });
    expect(scaled).toMatchObject({ timeScale: 60, stateFolder: '/state/time-scale-60' });
    expect(scaled.stage).toMatch(/^local-[0-9a-f]{8}$/);
    expect(read({ TIME_SCALE: '60', ITEM_BANK_FOLDER: '/mine' }).stateFolder).toMatch(/-time-scale-60$/);
  });

  it.each(['0', '121', 'fast'])('refuses the scale "%s"', (scale) => {
    expect(() => read({ TIME_SCALE: scale })).toThrow(
      `TIME_SCALE must be a number from 1 to 120, but is ${scale}.`,
    );
  });

  it('is the real one for a real organization', () => {
    expect(read(organization).timeScale).toBe(1);
    expect(() => read({ ...organization, TIME_SCALE: '60' })).toThrow('a real GitHub runs in real time');
  });
});

describe('the project webhook', () => {
  it('is per repository unless one for the organization is requested', () => {
    const scopeOf = (env: Record<string, string>) => stackSettings(read(env))['webhookScope'];
    expect([scopeOf({}), scopeOf(organization)]).toEqual(['repository', 'repository']);
    const set = { WEBHOOK_SCOPE: 'organization' };
    expect([scopeOf(set), scopeOf({ ...organization, ...set })]).toEqual(['organization', 'organization']);
    expect(() => read({ WEBHOOK_SCOPE: 'enterprise' })).toThrow(
      'WEBHOOK_SCOPE must be repository or organization, but is enterprise.',
    );
  });
});

describe('the state folder', () => {
  const placeOf = (env: Record<string, string>) => {
    const { stage, stateFolder } = read(env);
    return [stage, stateFolder];
  };

  it('of an organization is named after it and its host in lower case', () => {
    const [stage, stateFolder] = placeOf(organization);
    expect(stateFolder).toBe('/state/acme@api.github.com');
    expect(stage).toMatch(/^local-[\da-f]{8}$/);
    expect(placeOf({ ...organization, ITEM_BANK_ORG: 'ACME' })).toEqual([stage, stateFolder]);
  });

  it('differs for each host, organization and folder', () => {
    const places = [
      placeOf({}),
      placeOf(organization),
      placeOf({ ...organization, ITEM_BANK_ORG: 'other' }),
      placeOf({ ...organization, GITHUB_API_URL: 'https://github.example.com/api/v3' }),
      placeOf({ ...organization, GITHUB_API_URL: 'http://127.0.0.1:4530' }),
      placeOf({ ITEM_BANK_FOLDER: '/a/items' }),
      placeOf({ ITEM_BANK_FOLDER: '/b/items' }),
    ];
    for (const part of [0, 1]) expect(new Set(places.map((place) => place[part])).size).toBe(places.length);
  });
});

describe('a real organization', () => {
  it('is synchronized only in dry runs', () => {
    expect(stackSettings(read(organization))).toMatchObject({
      organization: 'Acme',
      githubApiUrl: 'https://api.github.com',
      dryRunOnly: 'true',
    });
    expect(stackSettings(read({ ...organization, ...toWrite })).dryRunOnly).toBe('true');
    expect(stackSettings(read({})).dryRunOnly).toBe('false');
  });

  it('may be written to when that is permitted and a receiver is given', () => {
    const configuration = read({ ...organization, ...toWrite });
    const settings = stackSettings({ ...configuration, bank: permitWriting(configuration.bank) });
    expect(settings).toMatchObject({ dryRunOnly: 'false', projectWebhookUrl: toWrite.PROJECT_WEBHOOK_URL });
  });

  it.each([
    [organization, 'PROJECT_WEBHOOK_URL and PROJECT_WEBHOOK_SECRET'],
    [{ ...organization, ...toWrite, PROJECT_WEBHOOK_SECRET: undefined }, 'needs PROJECT_WEBHOOK_SECRET'],
    [{}, 'ITEM_BANK_ORG'],
  ])('is not written to with %j', (env, named) => {
    expect(() => permitWriting(readConfiguration(env).bank)).toThrow(named);
  });

  it('is refused without a token', () => {
    const { bank } = read({ LOCAL_STATE_FOLDER, ITEM_BANK_ORG: 'Acme' });
    expect(() => secretOf(bank)).toThrow('GITHUB_TOKEN is missing');
  });

  it.each([
    ['a line break', 'ghp_1\nghp_2'],
    ['a space', 'ghp_1 ghp_2'],
    ['typographic quotation marks', '“ghp_1”'],
    ['a letter of another alphabet', 'ghp_а'],
    ['nothing but spaces', ' '],
  ])('is refused if the token has %s, without showing it', (_, token) => {
    const reading = () => read({ ...organization, GITHUB_TOKEN: token });
    expect(reading).toThrow(UsageError);
    expect(reading).toThrow('GITHUB_TOKEN ');
    expect(reading).not.toThrow(/ghp_/);
  });

  it('ignores the line break at the end of a token or secret that was read from a file', () => {
    const { bank } = read({
      ...organization,
      GITHUB_TOKEN: 'a-token\n',
      PROJECT_WEBHOOK_SECRET: 'a-secret\r\n',
    });
    expect(secretOf(bank)).toEqual({ githubToken: 'a-token', webhookSecret: 'a-secret' });
  });

  it('keeps token and secret out of the settings of the stack', () => {
    const settings = JSON.stringify(
      stackSettings(read({ ...organization, PROJECT_WEBHOOK_SECRET: 'a-secret' })),
    );
    expect(settings).not.toMatch(/a-token|a-secret/);
  });

  it('has all faults reported at once, without the values of secrets and URLs', () => {
    const faulty = {
      ITEM_BANK_ORG: 'two words',
      GITHUB_API_URL: 'https://somebody@github.example.com',
      ITEM_BANK_FOLDER: '/mine',
      PROJECT_WEBHOOK_URL: 'https://192.168.0.1/hook',
    };
    const reading = () => read(faulty);
    for (const name of Object.keys(faulty)) expect(reading).toThrow(`  ${name} `);
    for (const hidden of ['somebody', '192.168', '/mine']) expect(reading).not.toThrow(hidden);
    expect(reading).toThrow('ITEM_BANK_ORG must be the login of a GitHub organization, but is two words.');
  });
});
