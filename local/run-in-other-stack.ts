import { EXIT, type Exit } from '../cli/exit.ts';
import { printable } from '../cli/terminal/terminal.ts';
import { describeHolder } from './folder-lock.ts';
import { checkItemBankFolder } from './item-bank-folder.ts';
import { hasEnded, type OtherStack } from './place.ts';
import { interrupted, type Plan, showRun, stackOf } from './planned-run.ts';
import { compareWithRunning, describeRun } from './run-description.ts';
import { type StartedRun, startRun } from './start-run.ts';

/**
 * Runs the process in another command's stack. Ending this command does not end that stack.
 *
 * @returns undefined if the stack has ended before a run was started.
 */
export async function runInOtherStack(other: OtherStack, plan: Plan): Promise<Exit | undefined> {
  const { configuration, screen, dryRun } = plan;
  const { bank } = configuration;
  if (bank.kind === 'simulated') checkItemBankFolder(bank, { isNewBank: false, report: screen.report });
  const { cloud } = other;
  const owner = describeHolder(other.holder);
  for (const line of [...compareWithRunning(cloud, configuration), ...describeRun(plan)]) screen.report(line);
  let run: StartedRun | undefined;
  const work = async (): Promise<Exit> => {
    const answer = await startRun(cloud, { dryRun });
    if (answer.kind === 'started') {
      run = answer.run;
      return showRun(run, stackOf(cloud), plan);
    }
    if (answer.kind === 'refused') {
      screen.report(printable(answer.why));
      return EXIT.failed;
    }
    screen.report(`Not started: ${printable(answer.detail)}. It runs in the stack of ${owner}.`);
    return EXIT.alreadyRunning;
  };
  const goesOn = (where: string): string =>
    run === undefined ? '' : `Job execution ${run.jobExecutionId} goes on ${where}.`;
  try {
    return await Promise.race([work(), interrupted(plan, () => goesOn(`in the stack of ${owner}`))]);
  } catch (error) {
    if (!(await hasEnded(other))) throw error;
    screen.close();
    if (run === undefined) return undefined;
    screen.report(`The stack has ended with ${owner}. ${goesOn('with the next start')}`);
    return EXIT.unreachable;
  }
}
