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

const given = (content: string): Promise<void> => writeFile(join(folder, 'prod.json'), content);

describe('the file of a stage', () => {
  it('gives its settings', async () => {
    const settings = { organization: 'my-items', dryRunOnly: true, runDeadlineHours: 4 };
    await given(JSON.stringify(settings));
    expect(readStageFile('prod', folder)).toEqual(settings);
  });

  it.each([undefined, 'other', '../prod', 'Prod', ''])(
    'gives none to a stage that has no file: %s',
    async (stage) => {
      await given('{"organization":"my-items"}');
      expect(readStageFile(stage, folder)).toEqual({});
    },
  );

  it.each([
    ['is no JSON', '{', 'is no JSON'],
    ['is a list', '[]', 'is no JSON object'],
    ['is null', 'null', 'is no JSON object'],
    ['misspells a setting', '{"organisation":"my-items","logLevel":"INFO"}', 'no settings: organisation'],
    ['names another stage', '{"stage":"test"}', 'no settings: stage'],
  ])('is refused when it %s', async (_, content, why) => {
    await given(content);
    expect(() => readStageFile('prod', folder)).toThrow(why);
  });
});
