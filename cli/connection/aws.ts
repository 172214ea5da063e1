import { UsageError } from '../usage-error.ts';
import type { Connection, LocalStack } from './connection.ts';

/** What the clients of AWS services need. Without credentials they use the SDK's default chain. */
export interface AwsAccess {
  stage: string;
  /** For people. */
  place: string;
  client: { endpoint?: string; region?: string; credentials?: AwsCredentials };
}

interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

// The embedded cloud requires a signature and accepts any.
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const LOCAL_REGION = 'us-east-1';

const localAws = ({ stage, awsEndpoint }: Pick<LocalStack, 'stage' | 'awsEndpoint'>): AwsAccess => ({
  stage,
  place: 'this machine',
  client: { endpoint: awsEndpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS },
});

/** The AWS account of a deployed stage, or the stack on this machine. @throws UsageError if no stage is named. */
export function awsOf(connection: Pick<Connection, 'stage' | 'region' | 'local'>): AwsAccess {
  const { local, stage, region } = connection;
  if (local !== undefined) return localAws(local);
  if (stage === undefined) {
    throw new UsageError('Name the stage with --stage, ITEM_SYNC_STAGE or in the profile.');
  }
  return { stage, place: 'AWS', client: region === undefined ? {} : { region } };
}

/** Errors of the SDK that a person can fix, by name. Their messages contain no secrets, but say little. */
const AWS_ADVICE: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'There are no AWS credentials: run aws sso login, or set AWS_PROFILE.',
  ExpiredToken: 'The AWS credentials have expired: get new ones, for example with aws sso login.',
  ExpiredTokenException: 'The AWS credentials have expired: get new ones, for example with aws sso login.',
  UnrecognizedClientException: 'AWS does not accept the credentials: check AWS_PROFILE.',
  InvalidSignatureException: 'AWS does not accept the signature: check the credentials and the clock.',
  AccessDeniedException: 'The AWS credentials do not permit this: ask for the permission to read it.',
  TimeoutError: 'AWS does not answer: check the network and the region.',
};

/** @returns undefined for an error that is not one of AWS's clients. */
export function describeAwsError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === 'Region is missing')
    return 'Name the AWS region: set AWS_REGION, or region in the profile.';
  if ('code' in error && (error.code === 'ENOTFOUND' || error.code === 'ECONNREFUSED')) {
    return 'AWS cannot be reached: check the network and the region.';
  }
  if (Object.hasOwn(AWS_ADVICE, error.name)) return AWS_ADVICE[error.name];
  return '$metadata' in error ? `AWS answered ${error.name}: ${error.message}` : undefined;
}
