import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChangeMessageVisibilityCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { FunctionName } from '../../functions/shared/contract/functions.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { STAGE } from '../../local/configuration.ts';
import { authorsOf } from '../e2e/support.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { workerStack } from '../support/worker-stack.ts';

/** An item that authors change, and whether the mirror has the change. */
export interface ChangedItem {
  id: number;
  name: string;
  commit: string;
}

interface LiveOptions {
  stateFolder?: string;
  assembly?: string;
}

/** Starts the stack with deliveries. It is closed when the test ends. */
export async function startLive(options: LiveOptions = {}): Promise<Embedded> {
  const embedded = await startEmbedded({ environment: { GITHUB_DELIVERIES: 'on' }, ...options });
  onTestFinished(() => embedded.close());
  return embedded;
}

export async function temporaryState(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'live-updates-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Prepares a change of as many items, and returns the function that commits it. That one only sends PUT requests, so
 * that it works while GitHub does not answer others.
 */
export async function prepareChanges(
  embedded: Embedded,
  count: number,
): Promise<() => Promise<ChangedItem[]>> {
  const authors = authorsOf(embedded);
  const all = await authors.repositories();
  const read = await Promise.allSettled(
    all.map(async (repository) => ({ ...repository, ...(await authors.readItem(repository.name)) })),
  );
  // The other repositories have their item on a branch.
  const items = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return () =>
    Promise.all(
      items.slice(0, count).map(async ({ id, name, sha, item }) => {
        const url = `${embedded.github.url}/repos/item-bank/${name}/contents/item.json`;
        const content = Buffer.from(JSON.stringify({ ...item, grade: '11' })).toString('base64');
        const answer = await fetch(url, {
          method: 'PUT',
          headers: { authorization: 'Bearer simulated-github-token' },
          body: JSON.stringify({ message: 'Change the item', sha, content }),
        });
        const { commit } = z.object({ commit: z.object({ sha: z.string() }) }).parse(await answer.json());
        return { id, name, commit: commit.sha };
      }),
    );
}

export async function isInMirror({ get }: Embedded, { id, commit }: ChangedItem): Promise<boolean> {
  return Object((await get(`/items/${id}`)).body['item']).headCommit === commit;
}

export async function areInMirror(embedded: Embedded, items: readonly ChangedItem[]): Promise<void> {
  for (const item of items) await eventually(async () => (await isInMirror(embedded, item)) || undefined);
}

const sqs = ({ cloud }: Embedded) =>
  new SQSClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: cloud.awsEndpoint,
  });

/** Waits until that many messages are being handled, or wait until they may be handled again. */
export const inFlight = (embedded: Embedded, count: number) =>
  eventually(async () => {
    const { Attributes } = await sqs(embedded).send(
      new GetQueueAttributesCommand({
        QueueUrl: embedded.cloud.outputs['DeliveryQueueUrl'],
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Attributes?.['ApproximateNumberOfMessagesNotVisible'] === String(count) || undefined;
  });

export interface KillableWorker {
  assembly: string;
  /** Ends the execution environment that is at work, as Lambda does. */
  kill(): Promise<void>;
  /** Lets the visibility timeout of all messages pass that the worker has received. */
  release(embedded: Embedded): Promise<void>;
}

/** The stack with a worker that can be killed at any moment. */
export async function killableWorker(): Promise<KillableWorker> {
  const folder = await temporaryState();
  const [kill, receipts] = [join(folder, 'kill'), join(folder, 'receipts')];
  const assembly = await changedAssembly(folder, 'synchronize-deliveries', {
    wrap: (bundle) => `
      import { appendFileSync, existsSync, rmSync } from 'node:fs';
      import { handler as real } from ${JSON.stringify(bundle)};
      setInterval(() => {
        if (!existsSync(${JSON.stringify(kill)})) return;
        rmSync(${JSON.stringify(kill)});
        process.exit(137);
      }, 10).unref();
      export const handler = (event, context) => {
        for (const { receiptHandle } of event.Records) appendFileSync(${JSON.stringify(receipts)}, receiptHandle + ' ');
        return real(event, context);
      };`,
  });
  return {
    assembly,
    kill: async () => {
      await writeFile(kill, '');
      // The worker removes the file when it ends.
      await eventually(() => !existsSync(kill) || undefined);
    },
    release: async (embedded) => {
      const handles = (await readFile(receipts, 'utf8')).trim().split(' ');
      for (const ReceiptHandle of handles) {
        await sqs(embedded).send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: embedded.cloud.outputs['DeliveryQueueUrl'],
            ReceiptHandle,
            VisibilityTimeout: 0,
          }),
        );
      }
    },
  };
}

/** The stack with a receiver that does not reach the queue. */
export const assemblyWithoutQueue = async (): Promise<string> =>
  changedAssembly(await temporaryState(), 'receive-webhook', {
    environment: { DELIVERY_QUEUE_URL: 'http://127.0.0.1:1/000000000000/gone' },
  });

interface FunctionChange {
  environment?: Record<string, string>;
  /** The source of a module that takes the place of the function's bundle, given the URL of the bundle. */
  wrap?: (bundle: string) => string;
}

const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z
        .looseObject({
          FunctionName: z.unknown().optional(),
          Code: z.looseObject({ S3Key: z.string().optional() }).optional(),
          Environment: z.looseObject({ Variables: z.record(z.string(), z.unknown()) }).optional(),
        })
        .optional(),
    }),
  ),
});

/** Copies the stack's assembly into the folder, with a change of one function. */
async function changedAssembly(
  folder: string,
  name: FunctionName,
  { environment, wrap }: FunctionChange,
): Promise<string> {
  const original = workerStack().assembly;
  const assembly = join(folder, 'assembly');
  await cp(original, assembly, { recursive: true });
  const file = join(assembly, `item-sync-${STAGE}.template.json`);
  const { Resources, ...rest } = template.parse(JSON.parse(await readFile(file, 'utf8')));
  const wanted = resourceNames(STAGE).function(name);
  const properties = Object.values(Resources).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties?.FunctionName === wanted,
  )?.Properties;
  if (properties?.Environment === undefined) throw new Error(`There is no function ${wanted}.`);
  Object.assign(properties.Environment.Variables, environment);
  if (wrap !== undefined) {
    const bundle = join(assembly, `asset.${String(properties.Code?.S3Key).replace('.zip', '')}`, 'index.mjs');
    const copy = bundle.replace('index.mjs', 'bundle.mjs');
    await cp(bundle, copy);
    await writeFile(bundle, wrap(pathToFileURL(copy).href));
  }
  await writeFile(file, JSON.stringify({ Resources, ...rest }));
  return assembly;
}
