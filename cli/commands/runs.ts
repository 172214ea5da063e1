import { Command, Option } from '@commander-js/extra-typings';
import { BATCH_STATUSES, TRIGGERS } from '../../functions/shared/contract/job-execution.ts';
import { findExecutions } from '../api/executions.ts';
import { parseDay, wholeNumber } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { describeRuns } from '../describe/run.ts';
import { noteUnreadable } from '../note-unreadable.ts';

const DEFAULT_LIMIT = 20;

export const runsCommand = (context: Context) =>
  new Command('runs')
    .description('list the runs, the newest first')
    .addOption(new Option('--status <status>', 'only runs with this status').choices(BATCH_STATUSES))
    .option('--day <day>', 'only runs of this day in UTC, such as 2026-11-28', parseDay)
    .addOption(new Option('--trigger <trigger>', 'only runs with this trigger').choices(TRIGGERS))
    .option('--limit <number>', 'maximum number of runs', wholeNumber(1, 10_000), DEFAULT_LIMIT)
    .action(async ({ limit, ...filter }) => {
      const { output, options } = context;
      const api = await openApi(context);
      const { executions, unreadable } = await findExecutions(api, filter, limit);
      if (options().json) {
        output.json({ executions, ...(unreadable.length > 0 && { unreadable }) });
      } else if (executions.length === 0) {
        output.note('No run matches.');
      } else {
        output.data(describeRuns(executions, output.paint));
      }
      noteUnreadable(output, unreadable);
    });
