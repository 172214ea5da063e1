import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { type Fixture, stateMachine } from '../../../support/cloud/assembly.ts';
import { AWS, clouds, ended, stepFunctions } from '../../../support/cloud/clouds.ts';

const start = clouds();

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
const fixture: Fixture = {
  resources: {
    Machine: stateMachine('machine', { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'changes' } },
  },
};

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** The most levels that are accepted, the fewest that are not, and as many as overflow the stack everywhere. */
const [DEEPEST, TOO_DEEP, BOTTOMLESS] = [1_000, 1_001, 50_000];

describe('JSON that is nested too deeply', () => {
  it.each([TOO_DEEP, BOTTOMLESS])('is refused as the input of an execution: %i levels', async (levels) => {
    const cloud = await start(fixture);
    const client = stepFunctions(cloud);
    const starting = client.send(new StartExecutionCommand({ stateMachineArn, input: nested(levels) }));
    await expect(starting).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: "Invalid State Machine Execution Input: 'nested more than 1000 levels deep'",
    });
    expect((await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions).toEqual([]);
  });

  it('does not keep an execution from ending as long as it is accepted', async () => {
    const cloud = await start(fixture);
    const command = new StartExecutionCommand({ stateMachineArn, input: nested(DEEPEST) });
    const { executionArn = '' } = await stepFunctions(cloud).send(command);
    expect(await ended(cloud, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: nested(DEEPEST) });
  });

  it('is refused in an event, without refusing the other events', async () => {
    const cloud = await start(fixture);
    const client = new EventBridgeClient({ ...AWS, endpoint: cloud.awsEndpoint });
    const entry = { Source: 'shop', DetailType: 'Sold', EventBusName: 'changes' };
    const details = [`{"a":${nested(DEEPEST)}}`, `{"a":${nested(BOTTOMLESS)}}`, `{"a":${nested(10)}}`];
    const Entries = details.map((Detail) => ({ ...entry, Detail }));
    expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({
      FailedEntryCount: 2,
      Entries: [
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'MalformedDetail' },
        { EventId: expect.any(String) },
      ],
    });
  });

  it('is refused as a request', async () => {
    const cloud = await start(fixture);
    const answer = await fetch(cloud.awsEndpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSStepFunctions.StartExecution' },
      body: `{"input":${nested(DEEPEST)}}`,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      __type: 'SerializationException',
      message: 'The request body is nested more than 1000 levels deep.',
    });
  });
});
