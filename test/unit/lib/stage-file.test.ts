import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStageFile } from '../../../lib/stage-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'item-sync-stages-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (content: string): Promise<void> => writeFile(join(folder, 'prod.json'), content);

describe('a stage file', () => {
  it('contains settings of its stage', async () => {
    const settings = { organization: 'my-items', dryRunOnly: true, runDeadlineHours: 4 };
    await write(JSON.stringify(settings));
    expect(readStageFile('prod', folder)).toEqual(settings);
  });

  it.each([undefined, 'other', '../prod', 'Prod', ''])(
    'contains no settings for a stage without a file: %s',
    async (stage) => {
      await write('{"organization":"my-items"}');
      expect(readStageFile(stage, folder)).toEqual({});
    },
  );

  it.each([
    ['is not JSON', '{', 'is not JSON'],
    ['is a list', '[]', 'is not a JSON object'],
    ['is null', 'null', 'is not a JSON object'],
    ['misspells a setting', '{"organisation":"my-items","logLevel":"INFO"}', 'not settings: organisation'],
    ['names another stage', '{"stage":"test"}', 'not settings: stage'],
  ])('is refused when it %s', async (_, content, why) => {
    await write(content);
    expect(() => readStageFile('prod', folder)).toThrow(why);
  });
});
