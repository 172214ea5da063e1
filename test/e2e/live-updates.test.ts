import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfiguration } from '../../local/configuration.ts';
import { formatGuide } from '../../local/guide.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { workerStack } from '../support/worker-stack.ts';
import { type Authors, authorsOf } from './support.ts';

/** The tests run one after another on one bank, and no run takes place after the first. */
describe('a change of the bank', () => {
  let embedded: Embedded;
  let authors: Authors;
  let repositories: { id: number; name: string }[];

  beforeAll(async () => {
    embedded = await startEmbedded({ environment: { GITHUB_DELIVERIES: 'on' } });
    authors = authorsOf(embedded);
    const all = await authors.repositories();
    const read = await Promise.allSettled(all.map(({ name }) => authors.readItem(name)));
    // The others have their item on a branch.
    repositories = all.filter((_, index) => read[index]?.status === 'fulfilled');
    expect(await embedded.run()).toMatchObject({ counts: { total: 12, created: 12 } });
  });
  afterAll(() => embedded?.close());

  const repositoryOf = (index: number) => repositories[index] ?? { id: 0, name: '' };
  const commitInMirror = async (id: number): Promise<unknown> =>
    Object((await embedded.get(`/items/${id}`)).body['item']).headCommit;
  const isMirrored = (id: number, commit: string) =>
    eventually(async () => (await commitInMirror(id)) === commit || undefined);

  it('is in the mirror without a run', async () => {
    const { id, name } = repositoryOf(0);
    const { commit, item } = await authors.changeItem(name, { grade: '11' });
    await isMirrored(id, commit);
    expect((await embedded.get(`/items/${id}`)).body).toMatchObject({ itemJson: item });
    expect(await embedded.execution(2)).toBeUndefined();
  });

  it('can be made with the command that npm start prints', async () => {
    const { id, name } = repositoryOf(0);
    const configuration = readConfiguration(workerStack().environment);
    const guide = formatGuide(embedded, configuration, { interrupted: [], repository: name });
    const [command = ''] = /ITEM_JSON=.*?\$ITEM_JSON\n\n/s.exec(guide) ?? [];
    const { stdout } = await promisify(execFile)('bash', ['-c', command]);
    const { commit } = z.object({ commit: z.object({ sha: z.string() }) }).parse(JSON.parse(stdout));
    await isMirrored(id, commit.sha);
  });

  it('is in the mirror for each of many repositories that change at once', async () => {
    const commits = await Promise.all(
      repositories.map(async ({ id, name }) => ({
        id,
        ...(await authors.changeItem(name, { grade: '12' })),
      })),
    );
    for (const { id, commit } of commits) await isMirrored(id, commit);
  });

  it('that webhooks do not report is found by the next run', async () => {
    const { id, name } = repositoryOf(1);
    await authors.deleteProjectWebhook(name);
    const { commit } = await authors.changeItem(name, { grade: '3' });
    expect(await commitInMirror(id)).not.toBe(commit);
    expect(await embedded.run()).toMatchObject({ counts: { updated: 1, unchanged: 11 } });
    expect(await commitInMirror(id)).toBe(commit);
  });
});
