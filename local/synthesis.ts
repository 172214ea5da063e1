import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { CloudError } from './cloud/errors.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['lib', 'functions', 'cdk.json', 'package-lock.json', 'tsconfig.json'];

/**
 * Synthesizes the stack as `npm run deploy` would, unless that was done before for these sources and settings.
 * @returns the folder of the cloud assembly.
 */
export async function synthesize(stateFolder: string, settings: Record<string, string>): Promise<string> {
  const assemblies = join(stateFolder, 'assemblies');
  const assembly = join(assemblies, await digest(settings));
  if (existsSync(assembly)) return assembly;
  await rm(assemblies, { recursive: true, force: true });
  await mkdir(assemblies, { recursive: true });
  const unfinished = `${assembly}.unfinished`;
  await runCdk(unfinished, settings);
  await rename(unfinished, assembly);
  return assembly;
}

async function digest(settings: Record<string, string>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const source of SOURCES) {
    for (const file of await filesOf(join(ROOT, source))) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function runCdk(output: string, settings: Record<string, string>): Promise<void> {
  const cdk = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const context = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(process.execPath, [cdk, 'synth', '--quiet', '--output', output, ...context], {
    cwd: ROOT,
    // The CDK starts the app by the name of node: it is to find the Node that runs this.
    env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new CloudError('AssemblyUnreadable', `The stack could not be synthesized:\n${said.trim()}`);
}
