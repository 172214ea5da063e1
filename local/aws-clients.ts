import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SFNClient } from '@aws-sdk/client-sfn';

// The embedded cloud requires a signature and accepts any.
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const REGION = 'us-east-1';

export const logsClient = (endpoint: string): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ endpoint, region: REGION, credentials: CREDENTIALS });

export const stepFunctionsClient = (endpoint: string): SFNClient =>
  new SFNClient({ endpoint, region: REGION, credentials: CREDENTIALS });
