import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { API_ENTRY_POINTS, WORKFLOW_ENTRY_POINTS } from '../../functions/contract.ts';
import { bundleFunctions } from '../../lib/bundles.ts';

// As AWS counts: what an operator waits for on a cold start grows with it. The largest reach GitHub, DynamoDB,
// EventBridge and Secrets Manager.
const LARGEST_BUNDLE_BYTES = 500_000;
// What docs/decisions/0010 has left out.
const NEVER_LOADED = /^(?:@aws-sdk|@smithy)\/credential-provider-|^@smithy\/core\/event-streams$/;

const folders = (await readdir(inject('assembly'))).filter((name) => name.startsWith('asset.'));

describe('the bundles', () => {
  it('are one for each entry point', () => {
    expect(folders).toHaveLength(API_ENTRY_POINTS.length + WORKFLOW_ENTRY_POINTS.length);
  });

  it.each(folders)('%s exports the wrapped handler and nothing else', async (folder) => {
    const bundle = await import(join(inject('assembly'), folder, 'index.mjs'));
    expect(Object.keys(bundle)).toEqual(['handler']);
    // Only middy's handlers take more middleware.
    expect(typeof bundle.handler.use).toBe('function');
  });

  it.each(folders)('%s holds every package, but for what is never loaded', async (folder) => {
    const text = await readFile(join(inject('assembly'), folder, 'index.mjs'), 'utf8');
    const imported = [...text.matchAll(/\bimport\("([^"]+)"\)|\bfrom"([^"]+)"/g)].map(
      ([, dynamic, fixed]) => dynamic ?? fixed ?? '',
    );
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => !isBuiltin(name) && !NEVER_LOADED.test(name))).toEqual([]);
  });

  it.each(folders)(
    '%s is small, holds no secret and no path of the machine that built it',
    async (folder) => {
      const file = join(inject('assembly'), folder, 'index.mjs');
      expect((await stat(file)).size).toBeLessThan(LARGEST_BUNDLE_BYTES);
      const text = await readFile(file, 'utf8');
      expect(text).not.toContain(process.cwd());
      expect(text).not.toContain('simulated-github-token');
    },
  );
});

describe('the cache of bundles', () => {
  it('holds what was bundled from these sources, and removes what is outdated', {
    timeout: 240_000,
  }, async () => {
    const cache = await mkdtemp(join(tmpdir(), 'item-sync-bundles-'));
    onTestFinished(() => rm(cache, { recursive: true }));
    for (const name of ['of-other-sources', 'of-an-interrupted-run']) {
      await mkdir(join(cache, name));
      await utimes(join(cache, name), new Date(0), new Date(0));
    }
    await mkdir(join(cache, 'of-another-process'));

    const folderOf = await bundleFunctions(cache);
    expect((await readdir(folderOf('get-item'))).sort()).toEqual([
      'index.mjs',
      'index.mjs.LEGAL.txt',
      'index.mjs.map',
    ]);
    const bundled = join(folderOf('get-item'), '..');
    expect((await readdir(cache)).map((name) => join(cache, name)).sort()).toEqual(
      [bundled, join(cache, 'of-another-process')].sort(),
    );

    const { ctimeMs, ino } = await stat(join(folderOf('get-item'), 'index.mjs'));
    const again = await bundleFunctions(cache);
    expect(again('get-item')).toBe(folderOf('get-item'));
    expect(await stat(join(again('get-item'), 'index.mjs'))).toMatchObject({ ctimeMs, ino });
  });
});
