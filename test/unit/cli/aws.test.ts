import { describe, expect, it } from 'vitest';
import { awsOf, describeAwsError } from '../../../cli/connection/aws.ts';
import { runCli } from '../../support/cli.ts';

/** An error as the SDK throws it. */
const sdkError = (name: string, more: object = {}): Error =>
  Object.assign(new Error('the message of the SDK'), { name, ...more });

describe('the AWS resources of a command', () => {
  it('are those of the stage and the region that are named', () => {
    expect(awsOf({ stage: 'prod', region: 'eu-west-1' })).toEqual({
      stage: 'prod',
      place: 'AWS',
      client: { region: 'eu-west-1' },
    });
    // Without these, the SDK finds region and credentials itself.
    expect(awsOf({ stage: 'prod' }).client).toEqual({});
  });

  it('need a stage', async () => {
    const env = { ITEM_SYNC_API_URL: 'https://api.example.com', ITEM_SYNC_TOKEN: 'token' };
    const { exit, stdout, stderr } = await runCli(['logs'], { env });
    expect(stderr).toBe('Name the stage with --stage, ITEM_SYNC_STAGE or in the profile.\n');
    expect([exit, stdout]).toEqual([2, '']);
  });
});

describe('an error of an AWS client', () => {
  it.each([
    [sdkError('CredentialsProviderError'), 'There are no AWS credentials: run aws sso login'],
    [sdkError('ExpiredTokenException', { $metadata: {} }), 'The AWS credentials have expired'],
    [sdkError('UnrecognizedClientException', { $metadata: {} }), 'AWS does not accept the credentials'],
    [sdkError('AccessDeniedException', { $metadata: {} }), 'The AWS credentials do not permit this'],
    [Object.assign(new Error('Region is missing')), 'Name the AWS region: set AWS_REGION'],
    [sdkError('Error', { code: 'ENOTFOUND' }), 'AWS cannot be reached'],
    [sdkError('LimitExceeded', { $metadata: {} }), 'AWS answered LimitExceeded: the message of the SDK'],
  ])('%s is one sentence', (error, sentence) => {
    expect(describeAwsError(error)).toContain(sentence);
  });

  it.each([new TypeError('x'), 'x', undefined])('is not %s', (error) => {
    expect(describeAwsError(error)).toBeUndefined();
  });
});
