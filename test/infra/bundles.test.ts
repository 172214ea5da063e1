import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { FUNCTIONS } from '../../functions/shared/contract/functions.ts';
import { bundleFunctions, REST_METHODS } from '../../lib/bundles.ts';
import { readSources } from '../support/sources.ts';

// A cold start takes longer the larger the bundle is. The largest contain the clients of GitHub, DynamoDB, EventBridge
// and Secrets Manager.
const LARGEST_BUNDLE_BYTES = 500_000;
// Left out by docs/decisions/0010.
const NEVER_LOADED = /^(?:@aws-sdk|@smithy)\/credential-provider-|^@smithy\/core\/event-streams$/;

// Loads a bundle as Lambda does: an import would go through the transformations of vitest.
const requireBundle = createRequire(import.meta.url);

const folders = (await readdir(inject('assembly'))).filter((name) => name.startsWith('asset.'));

describe('the bundles', () => {
  it('exist for every entry point', () => {
    expect(folders).toHaveLength(FUNCTIONS.length);
  });

  it.each(folders)('%s exports a function and its wrapped handler', (folder) => {
    const bundle = requireBundle(join(inject('assembly'), folder, 'index.mjs'));
    expect(Object.keys(bundle)).toHaveLength(2);
    // Handlers that middy has wrapped accept more middleware.
    expect(typeof bundle.handler.use).toBe('function');
  });

  it.each(folders)('%s contains every package except those that are never loaded', async (folder) => {
    const text = await readFile(join(inject('assembly'), folder, 'index.mjs'), 'utf8');
    const imported = [...text.matchAll(/\bimport\("([^"]+)"\)|\bfrom"([^"]+)"/g)].map(
      ([, dynamic, fixed]) => dynamic ?? fixed ?? '',
    );
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => !isBuiltin(name) && !NEVER_LOADED.test(name))).toEqual([]);
  });

  it('contain the REST methods that functions call, and no others', async () => {
    const texts = (await readSources(['functions'])).map(({ text }) => text);
    const called = texts.flatMap((text) => [
      ...[...text.matchAll(/\.rest\.(\w+)\.(\w+)/g)].map(([, group, method]) => `${group}.${method}`),
      ...[...text.matchAll(/\{([^{}]*)\} = \w+\.rest\.(\w+);/g)].flatMap(([, methods = '', group]) =>
        methods.split(',').map((method) => `${group}.${method.trim()}`),
      ),
    ]);
    const listed = Object.entries(REST_METHODS).flatMap(([group, methods]) =>
      methods.map((method) => `${group}.${method}`),
    );
    expect([...new Set(called)].sort()).toEqual(listed);
    expect(texts.filter((text) => /\.paginate\b/.test(text))).toEqual([]);
    // A group that is used in any other way would escape this test.
    const uses = texts.flatMap((text) => text.match(/\.rest\.(?:apps|git|orgs|repos)\b/g) ?? []);
    expect(uses).toHaveLength(called.length - 2);
  });

  it.each(folders)(
    '%s is small, and contains no secret and no path of the machine that built it',
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
  it('keeps the bundles of the current sources, and removes outdated ones', {
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
