import { cp, mkdir, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { readConfiguration, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';
import { workerStack } from '../support/worker-stack.ts';

let stateFolder: string;
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-synthesis-'));
  onTestFinished(() => rm(stateFolder, { recursive: true, force: true }));
  await cp(workerStack().stateFolder, stateFolder, { recursive: true });
});

const settings = stackSettings(readConfiguration(workerStack().environment));

const assemblies = () => readdir(join(stateFolder, 'assemblies'));

it('uses the assembly in the state folder', async () => {
  const before = await assemblies();
  expect(before).toEqual([(await synthesize(stateFolder, settings)).split('/').at(-1)]);
  expect(await assemblies()).toEqual(before);
});

it('does not use an assembly with a bundle that is empty, and removes it', async () => {
  const [damaged = ''] = await assemblies();
  const files = await readdir(join(stateFolder, 'assemblies', damaged), { recursive: true });
  const bundle = files.find((file) => file.endsWith('index.mjs')) ?? '';
  await truncate(join(stateFolder, 'assemblies', damaged, bundle));
  const assembly = await synthesize(stateFolder, settings);
  expect(await assemblies()).toEqual([assembly.split('/').at(-1)]);
  expect(await synthesize(stateFolder, settings)).toBe(assembly);
});

it('leaves nothing behind when it is interrupted', async () => {
  await rm(join(stateFolder, 'assemblies'), { recursive: true });
  await mkdir(join(stateFolder, 'assemblies'));
  const ending = new AbortController();
  const synthesizing = synthesize(stateFolder, settings, ending.signal);
  ending.abort();
  await expect(synthesizing).rejects.toThrow();
  expect(await assemblies()).toEqual([]);
});
