// Plain JavaScript, so that an old Node can run it far enough to say that it is too old. The rest is TypeScript.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const COMMANDS = ['sync', 'start', 'logs', 'reset'];
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

const [command = '', ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  fail(`There is no command "${command}". The commands are: ${COMMANDS.join(', ')}.`);
} else if (!existsSync(MODULES)) {
  fail('The packages are not installed: run npm ci.');
} else if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  fail(
    `This needs Node ${NODE_MAJOR}, but it was started with Node ${process.versions.node}: ${adviceOnNode()}.`,
  );
} else {
  // Later starts load a third faster.
  module.enableCompileCache(join(MODULES, '.cache', 'compile'));
  await start();
}

async function start() {
  try {
    const { runCommand } = await import('./command.ts');
    const { run } = await import(`./${command}.ts`);
    process.exitCode = await runCommand(command, run, args);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    fail(`The packages are not installed completely: run npm ci. ${error.message}.`);
  }
}

/** npm uses the Node that npm ci installs, which exists for Linux x64 only. */
function adviceOnNode() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `install Node ${NODE_MAJOR}`;
  const isInstalled = existsSync(join(MODULES, '.bin', 'node'));
  if (!isInstalled) return `run npm ci, which installs it, or install Node ${NODE_MAJOR}`;
  return `run npm run ${command}, which uses the Node that npm ci has installed`;
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 2;
}
