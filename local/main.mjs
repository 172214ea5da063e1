// Plain JavaScript, so that an old Node can run it far enough to say that it is too old. The rest is TypeScript.
import module from 'node:module';
import { join } from 'node:path';

const NODE_MAJOR = 24;
const COMMANDS = ['sync', 'start', 'logs', 'reset'];

const [command = '', ...args] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  fail(
    `This needs Node ${NODE_MAJOR}, but it was started with Node ${process.versions.node}. Run npm run ${command}, ` +
      `which uses the Node that npm ci installs on Linux, or install Node ${NODE_MAJOR}.`,
  );
} else if (!COMMANDS.includes(command)) {
  fail(`There is no command "${command}". The commands are: ${COMMANDS.join(', ')}.`);
} else {
  // Later starts load a third faster.
  module.enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'compile'));
  const { run } = await import(`./${command}.ts`);
  const { runCommand } = await import('./command.ts');
  process.exitCode = await runCommand(run, args);
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 2;
}
