import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { digestOf } from '../lib/source-digest.ts';
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
export async function synthesize(stateFolder: string, settings: StackSettings): Promise<string> {
  const assemblies = join(stateFolder, 'assemblies');
  const assembly = join(assemblies, digestOf(SOURCES, JSON.stringify(settings)));
  if (existsSync(assembly)) return assembly;
  await mkdir(assemblies, { recursive: true });
  const unfinished = await mkdtemp(`${assembly}-unfinished-`);
  await runApp(unfinished, settings);
  for (const outdated of await readdir(assemblies)) {
    const folder = join(assemblies, outdated);
    if (folder !== unfinished) await rm(folder, { recursive: true, force: true });
  }
  await rename(unfinished, assembly);
  return assembly;
}

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** Starts the app as `cdk synth` would, without the second that loading the CDK's command line takes. */
async function runApp(output: string, settings: StackSettings): Promise<void> {
  const { context } = CdkJson.parse(JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')));
  const child = spawn(process.execPath, [join(ROOT, 'lib', 'app.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }),
      CDK_VALIDATION: 'false',
    },
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
