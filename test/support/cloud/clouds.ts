import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeExecutionCommand, type DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from '../../../local/cloud/cloud.ts';
import { eventually } from '../eventually.ts';
import { type Fixture, temporaryFolder, writeAssembly } from './assembly.ts';

export const AWS = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** Starts clouds on free ports, and closes them after each test. */
export function clouds() {
  const running: Cloud[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((cloud) => cloud.close()));
  });
  return async (fixture: Fixture, options: Partial<CloudOptions> = {}): Promise<Cloud> => {
    const cloud = await startCloud({
      assemblyFolder: await writeAssembly(fixture),
      stateFolder: options.stateFolder ?? (await temporaryFolder()),
      ports: { aws: 0, api: 0 },
      secrets: {},
      ...options,
    });
    running.push(cloud);
    return cloud;
  };
}

export const stepFunctions = (cloud: Cloud) => new SFNClient({ ...AWS, endpoint: cloud.awsEndpoint });

/** The description of the execution once it is no longer RUNNING. */
export function ended(cloud: Cloud, executionArn: string): Promise<DescribeExecutionOutput> {
  const client = stepFunctions(cloud);
  return eventually(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    return described.status === 'RUNNING' ? undefined : described;
  });
}

export async function messagesIn(cloud: Cloud, logGroupName: string): Promise<string[]> {
  const client = new CloudWatchLogsClient({ ...AWS, endpoint: cloud.awsEndpoint });
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName }));
  return events.map(({ message }) => message ?? '');
}
