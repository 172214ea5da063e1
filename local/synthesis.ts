import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { digestOf } from '../lib/source-digest.ts';
import { inheritedEnvironment, startChild } from './child-process.ts';
import { CloudError } from './cloud/errors.ts';

const ROOT = join(import.meta.dirname, '..');

/** Everything that the template and the bundles depend on, besides the settings. */
const SOURCES = [
  'lib',
  'functions',
  'stages',
  'cdk.json',
  'tsconfig.json',
  'node_modules/.package-lock.json',
];

type StackSettings = Readonly<Record<string, string>>;

/**
 * Synthesizes the stack, unless the state folder holds it for the same sources and settings. The template is the one
 * that `npm run deploy` deploys; only the validation of it is left to `npm run synth` and to test/infra.
 *
 * @returns the folder of the cloud assembly
 */
export async function synthesize(
  stateFolder: string,
  settings: StackSettings,
  signal?: AbortSignal,
): Promise<string> {
  const assemblies = join(stateFolder, 'assemblies');
  const key = digestOf(SOURCES, JSON.stringify(settings));
  await mkdir(assemblies, { recursive: true });
  const known = await findAssembly(assemblies, key);
  if (known !== undefined) return known;
  // Other folders belong to other sources or settings, or were left behind by interrupted commands.
  for (const outdated of await readdir(assemblies)) {
    await rm(join(assemblies, outdated), { recursive: true, force: true, maxRetries: 3 });
  }
  const unfinished = await mkdtemp(join(assemblies, 'unfinished-'));
  try {
    await runApp(unfinished, settings, signal);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
  const assembly = join(assemblies, nameOf(key, unfinished));
  await rename(unfinished, assembly);
  return assembly;
}

/** The name of an assembly contains a digest of all its files, so that a damaged or changed one is never used. */
const nameOf = (key: string, folder: string): string => `${key}-${contentDigest(folder)}`;

async function findAssembly(assemblies: string, key: string): Promise<string | undefined> {
  for (const name of await readdir(assemblies)) {
    const folder = join(assemblies, name);
    if (name.startsWith(`${key}-`) && name === nameOf(key, folder)) return folder;
  }
  return undefined;
}

function contentDigest(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256').update(readFileSync(file));
    hash.update(`${relative(folder, file)}\0${content.digest('hex')}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** Starts the app as `cdk synth` would, without the second that loading the CDK's command line takes. */
async function runApp(
  output: string,
  settings: StackSettings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { context } = CdkJson.parse(JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')));
  const child = startChild(process.execPath, [join(ROOT, 'lib', 'app.ts')], {
    cwd: ROOT,
    env: {
      ...inheritedEnvironment(),
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }),
      CDK_VALIDATION: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  child.stderr?.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  // The error of the child process is only available as text.
  const cause = said.includes('ENOSPC') ? Object.assign(new Error(said), { code: 'ENOSPC' }) : undefined;
  throw new CloudError('AssemblyUnreadable', `The stack could not be synthesized:\n${said.trim()}`, {
    cause,
  });
}
