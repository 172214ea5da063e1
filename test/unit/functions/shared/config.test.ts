import { describe, expect, it } from 'vitest';
import { type Environment, readConfig } from '../../../../functions/shared/config.ts';
import { ENV } from '../../../../functions/shared/contract/environment.ts';

const GOOD = {
  JOB_EXECUTIONS_TABLE: 'item-sync-test-job-executions',
  ITEMS_TABLE: 'item-sync-test-items',
  CHANGE_EVENT_BUS: 'item-sync-test',
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:item-sync-test',
  DRY_RUN_ONLY: 'false',
  REMOVAL_ENABLED: 'true',
  REMOVAL_LIMIT_PERCENT: '10',
  RUN_DEADLINE_HOURS: '6',
  GITHUB_ORGANIZATION: 'item-bank',
  GITHUB_API_URL: 'https://github.example.org/api/v3/',
  GITHUB_SECRET_ID: 'item-sync-test/github',
  GITHUB_LIMITS: 'published',
  DELIVERY_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/item-sync-test-deliveries',
  FAILED_DELIVERY_QUEUE_URL:
    'https://sqs.us-east-1.amazonaws.com/123456789012/item-sync-test-failed-deliveries',
  IGNORED_REPOSITORIES: 'infra,docs',
  PROJECT_WEBHOOK_URL: 'https://item-sync.example.org/webhook',
  WEBHOOK_SCOPE: 'organization',
  REDELIVER_FAILED_DELIVERIES: 'true',
  TOKEN_ISSUER: 'https://identity.example.org/',
  TOKEN_AUDIENCE: 'item-sync',
  TOKEN_JWKS_URI: 'https://identity.example.org/keys',
  TOKEN_KEYS_MAX_AGE_MINUTES: '15',
  TOKEN_LEEWAY_SECONDS: '0',
  TOKEN_MAX_LIFETIME_HOURS: '24',
  SYNC_SCOPE: 'item-sync/sync',
  READ_SCOPE: 'item-sync/read',
  STAGE: 'test',
  RUN_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:item-sync-test-runs',
} satisfies Record<(typeof ENV)[keyof typeof ENV], string>;

const SETTINGS = Object.keys(ENV) as (keyof typeof ENV)[];

function faultsOf(env: Environment): string[] {
  try {
    readConfig(env, SETTINGS);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigurationInvalid' });
    return error instanceof Error ? error.message.split('; ') : [];
  }
}

describe('the configuration of a function', () => {
  it('is parsed from the environment', () => {
    expect(readConfig(GOOD, SETTINGS)).toEqual({
      jobExecutionsTable: 'item-sync-test-job-executions',
      itemsTable: 'item-sync-test-items',
      changeEventBus: 'item-sync-test',
      stateMachineArn: GOOD.STATE_MACHINE_ARN,
      dryRunOnly: false,
      removalEnabled: true,
      removalLimitPercent: 10,
      runDeadlineHours: 6,
      githubOrganization: 'item-bank',
      githubApiUrl: 'https://github.example.org/api/v3',
      githubSecretId: 'item-sync-test/github',
      githubLimits: 'published',
      deliveryQueueUrl: GOOD.DELIVERY_QUEUE_URL,
      failedDeliveryQueueUrl: GOOD.FAILED_DELIVERY_QUEUE_URL,
      ignoredRepositories: new Set(['infra', 'docs']),
      projectWebhookUrl: 'https://item-sync.example.org/webhook',
      webhookScope: 'organization',
      redeliverFailedDeliveries: true,
      tokenIssuer: 'https://identity.example.org/',
      tokenAudience: 'item-sync',
      tokenJwksUri: 'https://identity.example.org/keys',
      tokenKeysMaxAgeMinutes: 15,
      tokenLeewaySeconds: 0,
      tokenMaxLifetimeHours: 24,
      syncScope: 'item-sync/sync',
      readScope: 'item-sync/read',
      stage: 'test',
      runTopicArn: GOOD.RUN_TOPIC_ARN,
    });
  });

  it('reads only the chosen settings', () => {
    expect(readConfig({ GITHUB_ORGANIZATION: 'item-bank' }, ['githubOrganization'])).toEqual({
      githubOrganization: 'item-bank',
    });
  });

  it('reports every missing variable at once', () => {
    expect(faultsOf({})).toEqual([
      'STAGE: is missing',
      'JOB_EXECUTIONS_TABLE: is missing',
      'ITEMS_TABLE: is missing',
      'CHANGE_EVENT_BUS: is missing',
      'RUN_TOPIC_ARN: is missing',
      'STATE_MACHINE_ARN: is missing',
      'DRY_RUN_ONLY: is missing',
      'REMOVAL_ENABLED: is missing',
      'REMOVAL_LIMIT_PERCENT: is missing',
      'RUN_DEADLINE_HOURS: is missing',
      'GITHUB_ORGANIZATION: is missing',
      'GITHUB_API_URL: is missing',
      'GITHUB_SECRET_ID: is missing',
      'GITHUB_LIMITS: is missing',
      'WEBHOOK_SCOPE: is missing',
      'REDELIVER_FAILED_DELIVERIES: is missing',
      'DELIVERY_QUEUE_URL: is missing',
      'FAILED_DELIVERY_QUEUE_URL: is missing',
      'PROJECT_WEBHOOK_URL: is missing',
      'TOKEN_ISSUER: is missing',
      'TOKEN_AUDIENCE: is missing',
      'TOKEN_JWKS_URI: is missing',
      'TOKEN_KEYS_MAX_AGE_MINUTES: is missing',
      'TOKEN_LEEWAY_SECONDS: is missing',
      'TOKEN_MAX_LIFETIME_HOURS: is missing',
    ]);
  });

  it('reports every malformed variable at once, without its value', () => {
    const faults = faultsOf({
      ...GOOD,
      JOB_EXECUTIONS_TABLE: '  ',
      RUN_DEADLINE_HOURS: 'confidential',
      GITHUB_API_URL: 'http://confidential.example.org',
      PROJECT_WEBHOOK_URL: 'confidential',
      TOKEN_JWKS_URI: 'ftp://confidential',
      TOKEN_LEEWAY_SECONDS: '',
      TOKEN_MAX_LIFETIME_HOURS: '0',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'JOB_EXECUTIONS_TABLE',
      'RUN_DEADLINE_HOURS',
      'GITHUB_API_URL',
      'PROJECT_WEBHOOK_URL',
      'TOKEN_JWKS_URI',
      'TOKEN_LEEWAY_SECONDS',
      'TOKEN_MAX_LIFETIME_HOURS',
    ]);
    expect(faults.join()).not.toContain('confidential');
  });

  it.each([
    ['accepts http on a loopback address', 'http://127.0.0.1:4530', true],
    ['rejects http on any other address', 'http://github.example.org', false],
  ])('%s', (_, url, isAccepted) => {
    expect(faultsOf({ ...GOOD, GITHUB_API_URL: url })).toHaveLength(isAccepted ? 0 : 1);
  });

  it.each(['0', '-1', '', 'Infinity'])('rejects a deadline of "%s" hours', (hours) => {
    expect(faultsOf({ ...GOOD, RUN_DEADLINE_HOURS: hours })).toHaveLength(1);
  });

  it.each([
    ['DRY_RUN_ONLY', 'TRUE'],
    ['DRY_RUN_ONLY', ''],
    ['REMOVAL_ENABLED', 'yes'],
    ['REMOVAL_LIMIT_PERCENT', '-1'],
    ['REMOVAL_LIMIT_PERCENT', '101'],
    ['REMOVAL_LIMIT_PERCENT', 'ten'],
    ['REMOVAL_LIMIT_PERCENT', ''],
    ['GITHUB_LIMITS', 'on'],
    ['GITHUB_LIMITS', ''],
    ['WEBHOOK_SCOPE', 'enterprise'],
  ])('rejects %s if it is "%s"', (variable, value) => {
    expect(faultsOf({ ...GOOD, [variable]: value })).toHaveLength(1);
  });

  it('accepts that limits are off, for a server without limits', () => {
    expect(readConfig({ GITHUB_LIMITS: 'off' }, ['githubLimits'])).toEqual({ githubLimits: 'off' });
  });

  it.each([
    ['', []],
    ['infra', ['infra']],
    ['infra, docs ,,tools,', ['infra', 'docs', 'tools']],
  ])('splits the names of ignored repositories: "%s"', (names, ignored) => {
    const { ignoredRepositories } = readConfig({ IGNORED_REPOSITORIES: names }, ['ignoredRepositories']);
    expect([...ignoredRepositories]).toEqual(ignored);
  });

  it('accepts missing scopes and missing ignored repositories', () => {
    expect(readConfig({}, ['syncScope', 'ignoredRepositories'])).toEqual({
      syncScope: '',
      ignoredRepositories: new Set(),
    });
  });
});
