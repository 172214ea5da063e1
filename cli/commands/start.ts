import { Command } from '@commander-js/extra-typings';
import { startSync } from '../api/executions.ts';
import { wholeNumber } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { reportStarted } from '../report-started.ts';

export const startCommand = (context: Context) =>
  new Command('start')
    .description('start a run')
    .option('--wait', 'follow the run to its end; the exit code says how it ended')
    .option('--dry-run', 'only list, compare and report; write nothing')
    .option('--removal-limit <percent>', 'share of the mirror that this run may remove', wholeNumber(0, 100))
    .action(async ({ wait, dryRun = false, removalLimit }) => {
      const api = await openApi(context);
      const answer = await startSync(api, {
        dryRun,
        ...(removalLimit !== undefined && { removalLimitPercent: removalLimit }),
      });
      await reportStarted(context, api, { answer, wait });
    });
