import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { percentile } from '../statistics.ts';
import type { BenchFunction } from './assembly.ts';

export interface BundleFigures {
  service: string;
  bytes: number;
  /** The median of several imports, each in a new Node process. */
  importMs: number;
}

const run = promisify(execFile);

/** Measures the import only, without the start of Node. */
const IMPORT = `
  const startedAt = performance.now();
  await import(process.argv[1]);
  process.stdout.write(String(performance.now() - startedAt));
  process.exit();
`;

export async function measureBundles(
  functions: readonly BenchFunction[],
  imports: number,
): Promise<BundleFigures[]> {
  const figures: BundleFigures[] = [];
  for (const { service, file } of functions) {
    const times: number[] = [];
    for (let count = 0; count < imports; count += 1) times.push(await importMs(file));
    figures.push({ service, bytes: (await stat(file)).size, importMs: percentile(times, 50) });
  }
  return figures;
}

async function importMs(file: string): Promise<number> {
  const args = ['--input-type=module', '--eval', IMPORT, pathToFileURL(file).href];
  // Powertools requires a region, which Lambda always sets.
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, AWS_REGION: 'us-east-1' } });
  return Number(stdout);
}
