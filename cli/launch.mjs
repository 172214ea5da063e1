// Plain JavaScript, so that an old Node can run it far enough to say that it is too old. The rest is TypeScript.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/**
 * Starts a command, which returns its exit code, unless Node or the installed packages cannot run it.
 *
 * @param command as a person types it, such as `npm run sync`
 */
export async function launch(command, start) {
  if (!existsSync(MODULES)) return fail('The packages are not installed: run npm ci.');
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
    return fail(
      `This needs Node ${NODE_MAJOR}, but it was started with Node ${process.versions.node}: ${adviceOnNode(command)}.`,
    );
  }
  // Later starts load a third faster.
  module.enableCompileCache(join(MODULES, '.cache', 'compile'));
  try {
    process.exitCode = await start();
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    fail(`The packages are not installed completely: run npm ci. ${error.message}.`);
  }
}

/** npm and npx use the Node that npm ci installs, which exists for Linux x64 only. */
function adviceOnNode(command) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `install Node ${NODE_MAJOR}`;
  const isInstalled = existsSync(join(MODULES, '.bin', 'node'));
  if (!isInstalled) return `run npm ci, which installs it, or install Node ${NODE_MAJOR}`;
  return `run ${command}, which uses the Node that npm ci has installed`;
}

export function fail(sentence) {
  console.error(sentence);
  process.exitCode = 2;
}
