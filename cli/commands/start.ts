import { Command } from '@commander-js/extra-typings';
import { startSync } from '../api/executions.ts';
import { wholeNumber } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { reportStarted } from '../report-started.ts';

export const startCommand = (context: Context) =>
  new Command('start')
    .description('start a run')
    .option('--wait', 'follow the run to its end, and exit as it ended')
    .option('--dry-run', 'list, compare and report, and write nothing')
    .option(
      '--removal-limit <percent>',
      'let this run remove up to this share of the mirror',
      wholeNumber(0, 100),
    )
    .action(async ({ wait, dryRun = false, removalLimit }) => {
      const api = await openApi(context);
      const answer = await startSync(api, {
        dryRun,
        ...(removalLimit !== undefined && { removalLimitPercent: removalLimit }),
      });
      await reportStarted(context, api, { answer, wait });
    });
