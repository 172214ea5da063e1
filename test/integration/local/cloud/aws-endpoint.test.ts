import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, ListGlobalTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  type ListRulesCommandInput,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, lambdaFunction } from '../../../support/cloud/assembly.ts';
import { AWS, clouds, stepFunctions } from '../../../support/cloud/clouds.ts';

const start = clouds();

const rule = (Name: string, more: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { Name, Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Idle', 'Arn'] } }], ...more },
});

const fixture: Fixture = {
  resources: {
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'app/secret', SecretString: 'hidden' },
    },
    Idle: lambdaFunction('idle', { FunctionName: 'idle' }),
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'changes' } },
    Nightly: rule('app-nightly', { ScheduleExpression: 'cron(0 9 * * ? *)', State: 'DISABLED' }),
    Ended: rule('app-ended', { EventPattern: { source: ['aws.states'] } }),
    Changed: rule('app-changed', { EventPattern: { source: ['app'] }, EventBusName: { Ref: 'Bus' } }),
  },
  assets: { idle: 'export const handler = async () => {};' },
};

describe('a request from elsewhere', () => {
  const readSecret = async (cloud: Cloud, headers: Record<string, string>): Promise<[number, string]> => {
    const request = httpRequest(cloud.awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue', ...headers },
    });
    request.end(JSON.stringify({ SecretId: 'app/secret' }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return [response.statusCode ?? 0, await text(response)];
  };

  it.each([
    [{ host: 'attacker.example' }],
    [{ host: 'attacker.example:4566' }],
    [{ host: '127.0.0.1.attacker.example' }],
    [{ origin: 'https://attacker.example' }],
    [{ origin: 'null' }],
  ])('gets no secret with %j', async (headers) => {
    const [status, body] = await readSecret(await start(fixture), headers);
    expect(status).toBe(403);
    expect(body).toContain('AccessDeniedException');
    expect(body).not.toContain('hidden');
  });

  it.each([[{}], [{ host: 'localhost:4566' }], [{ host: '[::1]' }], [{ origin: 'http://localhost:3000' }]])(
    'is answered with %j, which is this machine',
    async (headers) => {
      const [status, body] = await readSecret(await start(fixture), headers);
      expect(status).toBe(200);
      expect(body).toContain('hidden');
    },
  );
});

describe('secrets', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app/secret-000000';
  const client = (cloud: Cloud) => new SecretsManagerClient({ ...AWS, endpoint: cloud.awsEndpoint });
  const read = (cloud: Cloud, input: Partial<GetSecretValueCommandInput>) =>
    client(cloud).send(new GetSecretValueCommand({ SecretId: 'app/secret', ...input }));

  it('can be read by name, by ARN, and by ARN without its random suffix', async () => {
    const cloud = await start(fixture);
    for (const SecretId of ['app/secret', ARN, ARN.replace('-000000', '')]) {
      const value = await read(cloud, { SecretId });
      expect(value).toMatchObject({
        ARN,
        Name: 'app/secret',
        SecretString: 'hidden',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: expect.any(Date),
      });
    }
  });

  it('have one version, AWSCURRENT', async () => {
    const cloud = await start(fixture);
    const { VersionId } = await read(cloud, { VersionStage: 'AWSCURRENT' });
    expect((await read(cloud, { VersionId })).SecretString).toBe('hidden');
    const described = await client(cloud).send(new DescribeSecretCommand({ SecretId: ARN }));
    expect(described.VersionIdsToStages).toEqual({ [String(VersionId)]: ['AWSCURRENT'] });
    await expect(read(cloud, { VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('staging label: AWSPREVIOUS'),
    });
    await expect(read(cloud, { VersionId: 'x'.repeat(32) })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(read(cloud, { SecretId: 'app' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('are listed without their values', async () => {
    const { SecretList } = await client(await start(fixture)).send(new ListSecretsCommand());
    expect(SecretList).toEqual([{ ARN, Name: 'app/secret', CreatedDate: expect.any(Date) }]);
  });
});

describe('rules', () => {
  const client = (cloud: Cloud) => new EventBridgeClient({ ...AWS, endpoint: cloud.awsEndpoint });

  it('are listed by bus and by prefix, page by page', async () => {
    const cloud = await start(fixture);
    const names = async (input: ListRulesCommandInput) => {
      const { Rules, NextToken } = await client(cloud).send(new ListRulesCommand(input));
      return { names: Rules?.map(({ Name }) => Name), NextToken };
    };
    expect((await names({})).names).toEqual(['app-ended', 'app-nightly']);
    expect((await names({ NamePrefix: 'app-n' })).names).toEqual(['app-nightly']);
    expect((await names({ EventBusName: 'changes' })).names).toEqual(['app-changed']);
    const { NextToken } = await names({ Limit: 1 });
    expect((await names({ Limit: 1, NextToken })).names).toEqual(['app-nightly']);
    await expect(names({ EventBusName: 'other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus other does not exist.',
    });
  });

  it('are described with their targets as in the template', async () => {
    const cloud = await start(fixture);
    const describeRule = (Name: string) => client(cloud).send(new DescribeRuleCommand({ Name }));
    expect(await describeRule('app-nightly')).toMatchObject({
      Name: 'app-nightly',
      Arn: 'arn:aws:events:us-east-1:000000000000:rule/app-nightly',
      ScheduleExpression: 'cron(0 9 * * ? *)',
      State: 'DISABLED',
      EventBusName: 'default',
    });
    expect((await describeRule('app-ended')).EventPattern).toBe('{"source":["aws.states"]}');
    const targets = await client(cloud).send(new ListTargetsByRuleCommand({ Rule: 'app-ended' }));
    const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:idle';
    expect(targets.Targets).toEqual([{ Id: 'T', Arn }]);
    await expect(describeRule('app-changed')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Rule app-changed does not exist on EventBus default.',
    });
  });
});

describe('an operation that is not supported here', () => {
  it('is named in an error that the SDKs understand, in both JSON protocols', async () => {
    const cloud = await start(fixture);
    const endpoint = cloud.awsEndpoint;
    const refusal = (operation: string) => ({
      name: 'UnknownOperationException',
      message: `${operation} is not supported here.`,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(
      stepFunctions(cloud).send(new RedriveExecutionCommand({ executionArn: 'arn:a' })),
    ).rejects.toMatchObject(refusal('AWSStepFunctions.RedriveExecution'));
    const put = new PutSecretValueCommand({ SecretId: 'app/secret', SecretString: 'other' });
    await expect(new SecretsManagerClient({ ...AWS, endpoint }).send(put)).rejects.toMatchObject(
      refusal('secretsmanager.PutSecretValue'),
    );
    const tail = new StartLiveTailCommand({ logGroupIdentifiers: ['arn:a'] });
    const logs = new CloudWatchLogsClient({ ...AWS, endpoint, disableHostPrefix: true });
    await expect(logs.send(tail)).rejects.toMatchObject(refusal('Logs_20140328.StartLiveTail'));
  });

  it('is named if the engine of DynamoDB does not know it', async () => {
    const { awsEndpoint } = await start(fixture);
    const client = new DynamoDBClient({ ...AWS, endpoint: awsEndpoint });
    await expect(client.send(new ListGlobalTablesCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'DynamoDB_20120810.ListGlobalTables is not supported here.',
    });
    // Any other refusal is that of the engine.
    await expect(client.send(new DescribeTableCommand({ TableName: 'absent' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('absent'),
    });
  });

  async function ask(
    path: string,
    init: RequestInit,
  ): Promise<{ head: (string | number | null)[]; body: string }> {
    const cloud = await start(fixture);
    const answer = await fetch(`${cloud.awsEndpoint}${path}`, init);
    const { status, headers } = answer;
    return {
      head: [status, headers.get('content-type'), headers.get('x-amzn-errortype')],
      body: await answer.text(),
    };
  }
  const signedFor = (service: string) =>
    `AWS4-HMAC-SHA256 Credential=local/20261124/us-east-1/${service}/aws4_request, SignedHeaders=host`;
  const TYPE = 'UnknownOperationException';

  it('is named in JSON with the content type of the request', async () => {
    const type = 'application/x-amz-json-1.1';
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameters', 'content-type': type };
    const { head, body } = await ask('/', { method: 'POST', headers, body: '{}' });
    expect(head).toEqual([400, type, TYPE]);
    expect(JSON.parse(body)).toEqual({
      __type: TYPE,
      message: 'AmazonSSM.GetParameters is not supported here.',
    });
  });

  it('is named in XML for the query protocol', async () => {
    const { head, body } = await ask('/', {
      method: 'POST',
      headers: { authorization: signedFor('sts') },
      body: new URLSearchParams({ Action: 'Get<&' }),
    });
    expect(head).toEqual([400, 'text/xml', TYPE]);
    expect(body).toMatch(
      /^<ErrorResponse><Error><Code>UnknownOperationException<\/Code><Message>sts\.Get&#60;&#38; is not supported here\.<\/Message><\/Error><RequestId>[\w-]+<\/RequestId><\/ErrorResponse>$/,
    );
  });

  it('is named by method and path for REST protocols', async () => {
    const lambda = await ask('/2015-03-31/functions?MaxItems=1', {
      headers: { authorization: signedFor('lambda') },
    });
    expect(lambda.head).toEqual([404, 'application/json', TYPE]);
    expect(JSON.parse(lambda.body).message).toBe('lambda GET /2015-03-31/functions is not supported here.');
    const s3 = await ask('/bucket', { headers: { authorization: signedFor('s3') } });
    expect(s3.head).toEqual([404, 'text/xml', TYPE]);
    expect(s3.body).toContain('<Message>s3 GET /bucket is not supported here.</Message>');
  });

  it('is named in CBOR for the CBOR protocol', async () => {
    const { head, body } = await ask('/service/GraniteServiceVersion20100801/operation/ListMetrics', {
      method: 'POST',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    });
    expect(head).toEqual([400, 'application/cbor', TYPE]);
    expect(body).toContain('GraniteServiceVersion20100801.ListMetrics (in CBOR');
  });
});

describe('an error', () => {
  it('has its type in a header and in the body', async () => {
    const cloud = await start(fixture);
    const answer = await fetch(cloud.awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: '{"SecretId":7}',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe('ValidationException');
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/);
    expect(await answer.json()).toEqual({
      __type: 'ValidationException',
      message: expect.stringContaining('SecretId'),
    });
  });
});
