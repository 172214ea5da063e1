import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { workerStack } from '../support/worker-stack.ts';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
type Resources = Record<string, Resource>;

describe('the embedded cloud follows the template', () => {
  const opened: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (let close = opened.pop(); close; close = opened.pop()) await close();
  });

  it('answers 404 if the template has no route', async () => {
    const embedded = await startChanged((resources) => {
      for (const [id, { Type, Properties }] of Object.entries(resources)) {
        if (Type === 'AWS::ApiGatewayV2::Route') delete resources[id];
        // Its settings name routes.
        if (Type === 'AWS::ApiGatewayV2::Stage') delete Properties['RouteSettings'];
      }
    });
    const answer = await fetch(`${embedded.cloud.apiEndpoint}/sync`, { method: 'POST' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ message: 'Not Found' });
  });

  it('creates tables with the names of the template', async () => {
    const embedded = await startChanged((resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::DynamoDB::Table') Properties['TableName'] = `renamed-${Properties['TableName']}`;
      }
    });
    const { body } = await embedded.post('/sync');
    expect((await embedded.ended(String(body['executionArn']))).status).toBe('SUCCEEDED');
    const { TableNames } = await embedded.jobExecutions.client.send(new ListTablesCommand({}));
    expect(TableNames).toEqual(['renamed-item-sync-local-items', 'renamed-item-sync-local-job-executions']);
  });

  it('schedules runs at the hour of the rule', async () => {
    const embedded = await startChanged((resources) => {
      for (const { Properties } of Object.values(resources)) {
        if ('ScheduleExpression' in Properties) Properties['ScheduleExpression'] = 'cron(30 17 * * ? *)';
      }
    });
    expect(embedded.cloud.nextRuns().map(({ at }) => at.toISOString().slice(11))).toEqual(['17:30:00.000Z']);
  });

  it('does not start with a resource that it does not support, and names it', async () => {
    const starting = startChanged((resources) => {
      resources['Orders'] = { Type: 'AWS::Kinesis::Stream', Properties: {} };
    });
    await expect(starting).rejects.toThrow(/Orders.*AWS::Kinesis::Stream/);
  });

  async function startChanged(change: (resources: Resources) => void): Promise<Embedded> {
    const folder = await mkdtemp(join(tmpdir(), 'item-sync-changed-'));
    opened.push(() => rm(folder, { recursive: true, force: true }));
    await cp(workerStack().assembly, folder, { recursive: true });
    const file = (await readdir(folder)).find((name) => name.endsWith('.template.json'));
    const path = join(folder, String(file));
    const template = JSON.parse(await readFile(path, 'utf8'));
    change(template.Resources);
    await writeFile(path, JSON.stringify(template));
    const embedded = await startEmbedded({ assembly: folder });
    opened.push(embedded.close);
    return embedded;
  }
});
