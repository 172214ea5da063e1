import { fail, launch } from '../cli/launch.mjs';

const COMMANDS = ['sync', 'start', 'logs', 'reset'];

const [command = '', ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  fail(`There is no command "${command}". The commands are: ${COMMANDS.join(', ')}.`);
} else {
  await launch(`npm run ${command}`, async () => {
    const { runCommand } = await import('./command.ts');
    const { run } = await import(`./${command}.ts`);
    return runCommand(command, run, args);
  });
}
