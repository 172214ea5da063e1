import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { route, stateMachine, temporaryFolder, writeAssembly } from '../../../support/cloud/assembly.ts';
import { AWS, clouds, stepFunctions } from '../../../support/cloud/clouds.ts';
import { eventually } from '../../../support/eventually.ts';
import { database, fixture, machineArn, rule, table } from './cloud-support.ts';

const start = clouds();

/** Starts a cloud and prints its endpoint. A test kills this process. */
const inOtherProcess = `
  import { startCloud } from ${JSON.stringify(import.meta.resolve('../../../../local/cloud/cloud.ts'))};
  const [assemblyFolder, stateFolder] = process.argv.slice(1);
  const cloud = await startCloud({ assemblyFolder, stateFolder, ports: { aws: 0, api: 0 }, secrets: {} });
  console.log(cloud.awsEndpoint);`;

describe('a changed template', () => {
  it('changes routes, tables and schedules', async () => {
    const stateFolder = await temporaryFolder();
    // The engine may be one that keeps its tables.
    const [first, second] = [`first-${randomUUID()}`, `second-${randomUUID()}`];
    const tablesOf = async (cloud: Cloud) =>
      (await database(cloud).send(new ListTablesCommand())).TableNames?.filter((name) =>
        [first, second].includes(name),
      );
    const before = await start(
      fixture({
        ...route('Get', 'GET /a', 'Echo'),
        Table: table(first),
        Rule: rule('cron(0 9 * * ? *)', 'Echo'),
      }),
      { stateFolder },
    );
    expect((await fetch(`${before.apiEndpoint}/a`)).status).toBe(200);
    expect(await tablesOf(before)).toEqual([first]);
    expect(
      before.nextRuns().map(({ rule: name, at }) => [name, at.getUTCHours(), at.getUTCMinutes()]),
    ).toEqual([['daily', 9, 0]]);
    await before.close();

    const after = await start(fixture({ Table: table(second), Rule: rule('cron(30 17 * * ? *)', 'Echo') }), {
      stateFolder,
    });
    expect((await fetch(`${after.apiEndpoint}/a`)).status).toBe(404);
    expect(await tablesOf(after)).toContain(second);
    expect(after.nextRuns().map(({ at }) => [at.getUTCHours(), at.getUTCMinutes()])).toEqual([[17, 30]]);
  });
});

describe('a restart', () => {
  const waitThenEcho = stateMachine('machine', {
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Echo' },
      Echo: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:echo', End: true },
    },
  });

  it('runs an accepted execution again after a kill, with its original start date', async () => {
    const stateFolder = await temporaryFolder();
    const resources = fixture({ Machine: waitThenEcho, Table: table('kept') });
    const assemblyFolder = await writeAssembly(resources);
    const child = spawn(
      process.execPath,
      ['--input-type=module', '--eval', inOtherProcess, assemblyFolder, stateFolder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(child.stdout, 'data');
    const client = new SFNClient({ ...AWS, endpoint: String(line).trim() });
    const input = JSON.stringify({ until: new Date(Date.now() + 1500).toISOString() });
    const begun = await client.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name: 'n', input }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');

    const cloud = await start(resources, { stateFolder });
    const ended = await eventually(async () => {
      const command = new DescribeExecutionCommand({ executionArn: begun.executionArn });
      const described = await stepFunctions(cloud).send(command);
      return described.status === 'RUNNING' ? undefined : described;
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: input, startDate: begun.startDate });
  });

  it('resumes executions that were running when the cloud was closed', async () => {
    const stateFolder = await temporaryFolder();
    const before = await start(fixture({ Machine: waitThenEcho }), { stateFolder });
    const input = JSON.stringify({ until: new Date(Date.now() + 3_600_000).toISOString() });
    await stepFunctions(before).send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name: 'n', input }),
    );
    await before.close();
    const after = await start(fixture({ Machine: waitThenEcho }), { stateFolder });
    const executionArn = `${machineArn.replace('stateMachine', 'execution')}:n`;
    const described = await stepFunctions(after).send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: 'RUNNING', input });
  });

  it('holds the executions that were running until it is asked to resume them', async () => {
    const stateFolder = await temporaryFolder();
    const resources = fixture({ Machine: waitThenEcho });
    const before = await start(resources, { stateFolder });
    const input = (until: Date) => JSON.stringify({ until: until.toISOString() });
    const begin = (name: string, until: Date) =>
      stepFunctions(before).send(
        new StartExecutionCommand({ stateMachineArn: machineArn, name, input: input(until) }),
      );
    const later = new Date(Date.now() + 3_600_000);
    const { executionArn: stopped = '' } = await begin('stopped', later);
    const { executionArn: resumed = '' } = await begin('resumed', later);
    await before.close();

    const after = await start(resources, { stateFolder, interrupted: 'hold' });
    expect(after.interrupted.toSorted()).toEqual([resumed, stopped]);
    const client = stepFunctions(after);
    const statusOf = async (executionArn: string) =>
      (await client.send(new DescribeExecutionCommand({ executionArn }))).status;
    const eventsOf = async (executionArn: string) =>
      (await client.send(new GetExecutionHistoryCommand({ executionArn }))).events?.map(({ type }) => type);
    await client.send(new StopExecutionCommand({ executionArn: stopped, cause: 'superseded' }));
    expect(await statusOf(stopped)).toBe('ABORTED');
    expect(await statusOf(resumed)).toBe('RUNNING');
    after.resume();
    await eventually(async () => (await eventsOf(resumed))?.includes('WaitStateEntered') || undefined);
    expect((await eventsOf(stopped))?.at(-1)).toBe('ExecutionAborted');
  });

  it('keeps tables and generated secrets, and refuses a table with different keys', async () => {
    const stateFolder = await temporaryFolder();
    const Secret = {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        Name: 'app/secret',
        GenerateSecretString: { SecretStringTemplate: '{"a":1}', GenerateStringKey: 'b', PasswordLength: 40 },
      },
    };
    const readSecret = async (cloud: Cloud, SecretId: string) => {
      const client = new SecretsManagerClient({ ...AWS, endpoint: cloud.awsEndpoint });
      return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    };
    const before = await start(fixture({ Table: table('kept'), Secret }), { stateFolder });
    const Key = { pk: { S: 'a' }, sk: { S: 'b' } };
    await database(before).send(
      new PutItemCommand({ TableName: 'kept', Item: { ...Key, name: { S: 'n' } } }),
    );
    const generated = await readSecret(before, 'app/secret');
    expect(JSON.parse(generated ?? '')).toEqual({ a: 1, b: expect.stringMatching(/^.{40}$/) });
    await expect(readSecret(before, 'other')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await before.close();

    const after = await start(fixture({ Table: table('kept'), Secret }), { stateFolder });
    expect((await database(after).send(new GetItemCommand({ TableName: 'kept', Key }))).Item).toMatchObject({
      name: { S: 'n' },
    });
    expect(
      await readSecret(after, 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app/secret-000000'),
    ).toBe(generated);
    await after.close();

    const given = await start(fixture({ Secret }), { stateFolder, secrets: { 'app/secret': 'mine' } });
    expect(await readSecret(given, 'app/secret')).toBe('mine');
    await given.close();
    await expect(start(fixture({ Table: table('kept', 'other') }), { stateFolder })).rejects.toMatchObject({
      code: 'TableDiffers',
      message: expect.stringContaining(stateFolder),
    });
  });
});
