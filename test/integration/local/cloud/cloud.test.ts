import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import { startDynamoDbEngine } from '../../../../local/cloud/dynamodb-engine.ts';
import { PortTaken } from '../../../../local/cloud/errors.ts';
import { listen } from '../../../../local/cloud/ports.ts';
import { findRunningCloud } from '../../../../local/cloud/state-folder.ts';
import {
  type Fixture,
  httpApi,
  lambdaFunction,
  route,
  stateMachine,
  temporaryFolder,
  writeAssembly,
} from '../../../support/cloud/assembly.ts';
import { AWS, clouds, eventually, messagesIn, stepFunctions } from '../../../support/cloud/clouds.ts';

const start = clouds();

const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';

const table = (TableName: string, sortKey = 'sk') => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    AttributeDefinitions: ['pk', sortKey, 'kind'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-kind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['name'] },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
});

const rule = (ScheduleExpression: string, Target: string, more: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Name: 'daily',
    ScheduleExpression,
    Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': [Target, 'Arn'] } }],
    ...more,
  },
});

const echo = 'export const handler = async (event) => { console.log(JSON.stringify(event)); return event; };';

const fixture = (more: Fixture['resources'] = {}): Fixture => ({
  resources: {
    Echo: lambdaFunction('echo', {
      FunctionName: 'echo',
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    }),
    ...httpApi(),
    ...more,
  },
  outputs: { Endpoint: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
  assets: { echo },
});

/** Starts a cloud, says where it is, and then only runs: for a test that kills it. */
const inOtherProcess = `
  import { startCloud } from ${JSON.stringify(import.meta.resolve('../../../../local/cloud/cloud.ts'))};
  const [assemblyFolder, stateFolder] = process.argv.slice(1);
  const cloud = await startCloud({ assemblyFolder, stateFolder, ports: { aws: 0, api: 0 }, secrets: {} });
  console.log(cloud.awsEndpoint);`;

const database = (cloud: Cloud) => new DynamoDBClient({ ...AWS, endpoint: cloud.awsEndpoint });

/** What the echo function was given, from its log. */
const eventsGiven = (cloud: Cloud) =>
  eventually(async () => {
    const lines = await messagesIn(cloud, '/aws/lambda/echo').catch(() => []);
    return lines.length > 0 ? lines.map((line) => JSON.parse(JSON.parse(line).message)) : undefined;
  });

describe('a changed template', () => {
  it('has another answer for a dropped route, another table and another next run', async () => {
    const stateFolder = await temporaryFolder();
    const before = await start(
      fixture({
        ...route('Get', 'GET /a', 'Echo'),
        Table: table('first'),
        Rule: rule('cron(0 9 * * ? *)', 'Echo'),
      }),
      { stateFolder },
    );
    expect((await fetch(`${before.apiEndpoint}/a`)).status).toBe(200);
    expect((await database(before).send(new ListTablesCommand())).TableNames).toEqual(['first']);
    expect(
      before.nextRuns().map(({ rule: name, at }) => [name, at.getUTCHours(), at.getUTCMinutes()]),
    ).toEqual([['daily', 9, 0]]);
    await before.close();

    const after = await start(
      fixture({ Table: table('second'), Rule: rule('cron(30 17 * * ? *)', 'Echo') }),
      { stateFolder },
    );
    expect((await fetch(`${after.apiEndpoint}/a`)).status).toBe(404);
    expect((await database(after).send(new ListTablesCommand())).TableNames).toContain('second');
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

  it('runs an accepted execution again after a kill, and keeps its start', async () => {
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

  it('leaves running executions to the next cloud when it is closed', async () => {
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

  it('keeps tables and generated secrets, and refuses a table with other keys', async () => {
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

describe('rules', () => {
  it('delivers a scheduled event as EventBridge would have', async () => {
    const cloud = await start(fixture({ Rule: rule('cron(0 9 * * ? *)', 'Echo') }));
    await cloud.fireRule('daily', new Date('2026-11-23T09:00:12.345Z'));
    expect(await eventsGiven(cloud)).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '000000000000',
        time: '2026-11-23T09:00:00Z',
        region: 'us-east-1',
        resources: ['arn:aws:events:us-east-1:000000000000:rule/daily'],
        detail: {},
      },
    ]);
  });

  it('does not run a rule that is disabled', async () => {
    const cloud = await start(fixture({ Rule: rule('rate(1 minute)', 'Echo', { State: 'DISABLED' }) }));
    expect(cloud.nextRuns()).toEqual([]);
  });

  it('tells a matching rule how an execution ended', async () => {
    const EventPattern = {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [{ Ref: 'Machine' }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    };
    const Machine = stateMachine('machine', {
      StartAt: 'F',
      States: { F: { Type: 'Fail', Error: 'E', Cause: 'C' } },
    });
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern, Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Echo', 'Arn'] } }] },
    };
    const cloud = await start(fixture({ Machine, Rule }));
    const command = new StartExecutionCommand({ stateMachineArn: machineArn, name: 'n', input: '{"a":1}' });
    const { executionArn, startDate } = await stepFunctions(cloud).send(command);
    expect(await eventsGiven(cloud)).toEqual([
      expect.objectContaining({
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        resources: [executionArn],
        detail: {
          executionArn,
          stateMachineArn: machineArn,
          name: 'n',
          status: 'FAILED',
          startDate: startDate?.getTime(),
          stopDate: expect.any(Number),
          input: '{"a":1}',
          output: null,
          inputDetails: { included: true },
          outputDetails: null,
          error: 'E',
          cause: 'C',
        },
      }),
    ]);
  });
});

describe('a start', () => {
  it('says where it is, and what of the template is without effect', async () => {
    const Role = { Type: 'AWS::IAM::Role', Properties: { AnythingAtAll: true } };
    const stateFolder = await temporaryFolder();
    const notes = { purpose: 'a test' };
    const cloud = await start(fixture({ Role }), { stateFolder, notes });
    expect(cloud.outputs).toEqual({ Endpoint: cloud.apiEndpoint });
    expect(cloud.inert).toEqual([{ type: 'AWS::IAM::Role', logicalId: 'Role', reason: expect.any(String) }]);
    const { awsEndpoint, apiEndpoint } = cloud;
    const health = { stackName: 'Fixture', stateFolder, awsEndpoint, apiEndpoint, notes };
    expect(await (await fetch(`${awsEndpoint}/_health`)).json()).toEqual(health);
    expect(await findRunningCloud(stateFolder)).toEqual(health);
    await cloud.close();
    expect(await findRunningCloud(stateFolder)).toBeUndefined();
  });

  it.each(['aws', 'api'] as const)(
    'names the %s port that is taken, and leaves nothing behind',
    async (role) => {
      const taken = createServer();
      const port = await listen(taken, 0, role);
      const stateFolder = await temporaryFolder();
      const ports = { aws: 0, api: 0, [role]: port };
      const refusal = await start(fixture(), { stateFolder, ports }).catch((error: unknown) => error);
      taken.close();
      expect(refusal).toBeInstanceOf(PortTaken);
      expect(refusal).toMatchObject({ port, role });
      await start(fixture(), { stateFolder });
    },
  );

  it('refuses a second cloud on the same state folder', async () => {
    const stateFolder = await temporaryFolder();
    await start(fixture(), { stateFolder });
    await expect(start(fixture(), { stateFolder })).rejects.toMatchObject({ code: 'StateFolderInUse' });
  });

  it('says when it cannot keep anything', async () => {
    const stateFolder = path.join(await writeAssembly(fixture()), 'manifest.json');
    await expect(start(fixture(), { stateFolder })).rejects.toMatchObject({ code: 'StateFolderUnusable' });
  });

  it('refuses everything that it does not understand, at once and by name', async () => {
    const refused = start(
      fixture({
        Stream: { Type: 'AWS::Kinesis::Stream' },
        Table: {
          ...table('t'),
          Properties: { ...table('t').Properties, StreamSpecification: {}, BillingMode: 'PROVISIONED' },
        },
        Function: lambdaFunction('absent', { Layers: [] }),
        Broken: lambdaFunction('echo', { Environment: { Variables: { A: { 'Fn::ImportValue': 'x' } } } }),
      }),
    );
    await expect(refused).rejects.toMatchObject({
      code: 'TemplateUnsupported',
      faults: [
        'Stream: AWS::Kinesis::Stream is not supported here',
        expect.stringMatching(
          /^Table: AWS::DynamoDB::Table property BillingMode is not supported here as it is/,
        ),
        'Table: AWS::DynamoDB::Table property StreamSpecification is not supported here',
        'Function: AWS::Lambda::Function property Layers is not supported here',
        'Broken: AWS::Lambda::Function property Environment: Fn::ImportValue is not supported here',
      ],
    });
  });

  it('refuses what its parts say only together', async () => {
    const refused = start(
      fixture({
        ...route('Get', 'GET /a', 'Echo', { AuthorizationType: 'CUSTOM', AuthorizerId: 'nobody' }),
        Machine: stateMachine('m', {
          StartAt: 'T',
          States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } },
        }),
        Rule: rule('cron(0 9 L * ? *)', 'Echo'),
        Function: lambdaFunction('absent'),
      }),
      { secrets: { typo: 'x' } },
    );
    await expect(refused).rejects.toMatchObject({
      faults: [
        'Function: AWS::Lambda::Function has no asset in the cloud assembly',
        expect.stringMatching(
          /^Machine: .* state T: Resource arn:aws:states:::sqs:sendMessage does not run here/,
        ),
        expect.stringMatching(
          /^Rule: AWS::Events::Rule schedule cron\(0 9 L \* \? \*\) is not supported here/,
        ),
        'Get: AWS::ApiGatewayV2::Route has no authorizer',
        'a value was given for secret typo, which the template does not have',
      ],
    });
  });

  it('names a folder that holds no assembly', async () => {
    const assemblyFolder = await temporaryFolder();
    const options = {
      assemblyFolder,
      stateFolder: await temporaryFolder(),
      ports: { aws: 0, api: 0 },
      secrets: {},
    };
    await expect(startCloud(options)).rejects.toMatchObject({ code: 'AssemblyUnreadable' });
  });
});

describe('the database engine', () => {
  it('is the one that AWS_ENDPOINT_URL_DYNAMODB names, where it is set', async () => {
    const engine = await startDynamoDbEngine(await temporaryFolder());
    onTestFinished(engine.close);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', engine.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const cloud = await start(fixture({ Table: table('elsewhere') }));
    const direct = new DynamoDBClient({ ...AWS, endpoint: engine.url });
    expect((await direct.send(new ListTablesCommand())).TableNames).toEqual(['elsewhere']);
    expect((await database(cloud).send(new ListTablesCommand())).TableNames).toEqual(['elsewhere']);
    await cloud.close();
  });

  it('ends with its cloud', async () => {
    const engine = await startDynamoDbEngine(await temporaryFolder());
    await engine.close();
    await expect(fetch(engine.url)).rejects.toThrow();
  });
});

describe('the AWS endpoint', () => {
  it('passes an error of the database engine on as it is', async () => {
    const client = database(await start(fixture({ Table: table('here') })));
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }];
    const create = new CreateTableCommand({
      TableName: 'here',
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
    });
    await expect(client.send(create)).rejects.toMatchObject({ name: 'ResourceInUseException' });
  });

  it('keeps generated secrets from other users of the machine', async () => {
    const stateFolder = await temporaryFolder();
    const Secret = {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 's', GenerateSecretString: {} },
    };
    await start(fixture({ Secret }), { stateFolder });
    const file = path.join(stateFolder, 'secrets.json');
    const { mode } = await stat(file);
    expect(mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ s: expect.stringMatching(/^.{32}$/) });
  });
});
