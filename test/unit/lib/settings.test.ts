import { describe, expect, it } from 'vitest';
import { assertSettingNames, describeSettings, readSettings, SETTING_NAMES } from '../../../lib/settings.ts';

const REQUIRED = {
  stage: 'test',
  organization: 'item-bank',
  projectWebhookUrl: 'https://item-sync.example.org/webhook',
};
const ISSUER = { tokenIssuer: 'https://identity.example.org/realm', tokenAudience: 'item-sync' };
const read = (context: Record<string, unknown>) => readSettings((name) => context[name]);

function faultsOf(context: Record<string, unknown>): string[] {
  try {
    read(context);
    return [];
  } catch (error) {
    const [heading, ...faults] = error instanceof Error ? error.message.split('\n') : [];
    expect(heading).toBe('The stack cannot be built. Its settings have faults:');
    return faults;
  }
}

describe('the settings of a stack', () => {
  it('have defaults, except for those that only the owner of the stack knows', () => {
    expect(read(REQUIRED)).toEqual({
      ...REQUIRED,
      githubApiUrl: 'https://api.github.com',
      fullRunMaxAgeHours: 26,
      staleItemHours: 168,
      githubLimits: 'published',
      webhookScope: 'repository',
      redeliverFailedDeliveries: 'false',
      ignoredRepositories: '',
      tokenRules: undefined,
      tokenKeysMaxAgeMinutes: 15,
      tokenLeewaySeconds: 5,
      tokenMaxLifetimeHours: 24,
      authorizerConcurrency: 20,
      syncScope: 'item-sync/sync',
      readScope: 'item-sync/read',
      schedule: 'cron(0 9 * * ? *)',
      disposable: false,
      logLevel: 'INFO',
      runDeadlineHours: 6,
      dryRunOnly: 'false',
      removalEnabled: 'true',
      removalLimitPercent: 10,
    });
  });

  it('report all missing settings at once, and how to set them', () => {
    expect(faultsOf({})).toEqual([
      '  stage is missing: -c stage=…',
      '  organization is missing: -c organization=…',
      '  projectWebhookUrl is missing: -c projectWebhookUrl=…',
    ]);
  });

  it.each([
    [{ tokenIssuer: ISSUER.tokenIssuer }, ['  tokenAudience is missing: -c tokenAudience=…']],
    [{ tokenAudience: ISSUER.tokenAudience }, ['  tokenIssuer is missing: -c tokenIssuer=…']],
    [{ tokenJwksUri: 'https://keys.example.org/all' }, ['  tokenIssuer is missing: -c tokenIssuer=…']],
    [{ syncScope: 'start' }, ['  syncScope goes with tokenIssuer']],
    [{ readScope: '' }, ['  readScope goes with tokenIssuer']],
    [{ ...ISSUER, syncScope: 'start', readScope: '' }, []],
  ])('need both an issuer and its audience, or neither: %o', (given, faults) => {
    expect(faultsOf({ ...REQUIRED, ...given })).toEqual(faults);
  });

  it('report a missing audience together with other missing settings', () => {
    expect(faultsOf({ ...REQUIRED, ...ISSUER, tokenAudience: undefined, organization: undefined })).toEqual([
      '  organization is missing: -c organization=…',
      '  tokenAudience is missing: -c tokenAudience=…',
    ]);
  });

  it.each(['aws-test', 'my-amazon', 'cognito'])(
    'refuse the stage %s without an issuer, because Amazon Cognito refuses such a domain',
    (stage) => {
      expect(faultsOf({ ...REQUIRED, stage })).toEqual([
        '  stage without tokenIssuer must not contain aws, amazon, cognito',
      ]);
      expect(faultsOf({ ...REQUIRED, ...ISSUER, stage })).toEqual([]);
    },
  );

  it('report all malformed settings at once', () => {
    const faults = faultsOf({
      stage: 'Test',
      organization: 'item bank',
      githubApiUrl: 'http://api.github.com',
      githubLimits: 'on',
      projectWebhookUrl: 'item-sync.example.org',
      tokenIssuer: 'http://identity.example.org',
      tokenAudience: ' ',
      tokenJwksUri: 'http://identity.example.org/keys',
      schedule: 'every day',
      logLevel: 'TRACE',
      runDeadlineHours: '24',
      dryRunOnly: 'yes',
      removalEnabled: 'TRUE',
      removalLimitPercent: '101',
      disposable: 'perhaps',
      alarmTopicArn: 'ops',
    });
    expect(faults.map((fault) => fault.trim().split(' ')[0])).toEqual([
      'stage',
      'organization',
      'githubApiUrl',
      'githubLimits',
      'projectWebhookUrl',
      'tokenIssuer',
      'tokenAudience',
      'tokenJwksUri',
      'schedule',
      'disposable',
      'alarmTopicArn',
      'logLevel',
      'runDeadlineHours',
      'dryRunOnly',
      'removalEnabled',
      'removalLimitPercent',
    ]);
  });

  it.each([
    ['stage', 'a', true],
    ['stage', 'a'.repeat(16), true],
    ['stage', 'a'.repeat(17), false],
    ['stage', '1a', false],
    ['organization', 'a'.repeat(39), true],
    ['organization', 'a'.repeat(40), false],
    ['githubApiUrl', 'http://127.0.0.1:4530', true],
    ['tokenIssuer', 'http://localhost:4520', true],
    ['schedule', 'rate(1 day)', true],
    ['schedule', 'cron()', false],
    ['runDeadlineHours', '1', true],
    ['runDeadlineHours', '0.5', false],
    ['runDeadlineHours', 23, true],
    ['runDeadlineHours', 'six', false],
    ['syncScope', '', true],
    ['readScope', '', true],
    ['dryRunOnly', 'true', true],
    ['dryRunOnly', true, true],
    ['dryRunOnly', '', false],
    ['removalEnabled', false, true],
    ['removalEnabled', 'no', false],
    ['removalLimitPercent', '0', true],
    ['removalLimitPercent', 100, true],
    ['removalLimitPercent', '-1', false],
    ['removalLimitPercent', 'ten', false],
    ['disposable', 'true', true],
    ['disposable', 'yes', false],
    ['alarmTopicArn', 'arn:aws:sns:us-east-1:123456789012:ops', true],
    ['alarmTopicArn', 'arn:aws:sqs:us-east-1:123456789012:ops', false],
  ])('are checked: %s = "%s" is valid: %s', (name, value, isValid) => {
    expect(faultsOf({ ...REQUIRED, ...ISSUER, [name]: value })).toHaveLength(isValid ? 0 : 1);
  });

  it.each([
    ['https://identity.example.org', 'https://identity.example.org/.well-known/jwks.json'],
    ['https://identity.example.org/', 'https://identity.example.org/.well-known/jwks.json'],
  ])('take the keys from the default address of the issuer %s', (tokenIssuer, jwksUri) => {
    const { tokenRules } = read({ ...REQUIRED, ...ISSUER, tokenIssuer });
    expect(tokenRules).toEqual({ issuer: tokenIssuer, audience: 'item-sync', jwksUri });
  });

  it('take the keys from the address that is set', () => {
    const tokenJwksUri = 'https://keys.example.org/all';
    expect(read({ ...REQUIRED, ...ISSUER, tokenJwksUri }).tokenRules?.jwksUri).toBe(tokenJwksUri);
  });

  it('are known by name, so that misspelled names can be reported', () => {
    expect(SETTING_NAMES).toEqual(expect.arrayContaining([...Object.keys(REQUIRED), 'tokenJwksUri']));
  });
});

describe('a name in the context of the CDK', () => {
  it.each(['disposible', 'shedule', 'dryrunonly', 'LOG_LEVEL'])(
    'that is not a setting is rejected: %s',
    (name) => {
      expect(() => assertSettingNames(['stage', name])).toThrow(
        `These are not settings: ${name}. The settings are: stage,`,
      );
    },
  );

  it('is accepted if it is a setting or of the CDK', () => {
    const ofTheCdk = ['@aws-cdk/core:target-partitions', 'aws:cdk:enable-path-metadata', 'cli-telemetry'];
    expect(() => assertSettingNames([...SETTING_NAMES, ...ofTheCdk])).not.toThrow();
  });
});

it('the description of the settings contains every value, and says which are defaults', () => {
  const given: Record<string, unknown> = { ...REQUIRED, disposable: 'true' };
  const lines = describeSettings((name) => given[name]).split('\n');
  expect(lines).toHaveLength(SETTING_NAMES.length);
  expect(lines).toContain('  stage: test');
  expect(lines).toContain('  disposable: true');
  expect(lines).toContain('  logLevel: INFO (default)');
  expect(lines).toContain('  tokenIssuer: none (default)');
});
