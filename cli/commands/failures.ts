import { Command } from '@commander-js/extra-typings';
import { csvLine } from '../../functions/shared/contract/csv.ts';
import { newestRun } from '../api/choose-run.ts';
import { findExecutionItems } from '../api/executions.ts';
import { addSince, type FailedItem } from '../api/items.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { count, formatTime } from '../describe/quantities.ts';
import { adviceOnReason } from '../describe/reasons.ts';
import { noteUnreadable } from '../note-unreadable.ts';
import { formatTable, type Paint, type Text, titleRow } from '../terminal/paint.ts';
import { printable } from '../terminal/terminal.ts';

/** Each lookup is a request. More failures than this usually have one cause, and their times add nothing. */
const MAX_LOOKUPS = 100;

export const failuresCommand = (context: Context) =>
  new Command('failures')
    .description('list the items that failed in a run: why, since when, and what to do')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .option('--csv', 'print comma-separated values')
    .action(async (id, { csv }) => {
      const { output, options } = context;
      const api = await openApi(context);
      const run = id ?? (await newestRun(api));
      const { items, unreadable } = await findExecutionItems(api, run, 'failed');
      const failures = [
        ...(await addSince(api, items.slice(0, MAX_LOOKUPS))),
        ...items.slice(MAX_LOOKUPS).map((item) => ({ ...item, since: null })),
      ];
      if (options().json) output.json({ jobExecutionId: run, items: failures, unreadable });
      else if (csv) output.raw(formatCsv(failures));
      else if (failures.length > 0) output.data(describeFailures(failures, output.paint));
      output.note(`Job execution ${run}: ${count(failures.length, 'failed item')}.`);
      if (failures.length > MAX_LOOKUPS) {
        output.note(`Only the first ${MAX_LOOKUPS} items show since when they fail.`);
      }
      noteUnreadable(output, unreadable);
      for (const line of adviceOn(failures)) output.note(line);
    });

const COLUMNS = ['itemBankId', 'repository', 'reason', 'message', 'githubRequestId', 'since'] as const;

const formatCsv = (failures: readonly FailedItem[]): string =>
  [COLUMNS, ...failures.map((item) => COLUMNS.map((column) => cellOf(item[column])))]
    .map((cells) => csvLine(cells))
    .join('');

const cellOf = (value: string | number | null | undefined): string | number =>
  typeof value === 'string' ? printable(value) : (value ?? '');

function describeFailures(failures: readonly FailedItem[], paint: Paint): Text[] {
  const header = ['item bank id', 'repository', 'reason', 'since', 'message'];
  const rows = failures.map(({ itemBankId, repository, reason = '-', since, message = '' }) => [
    paint(String(itemBankId)),
    paint(repository),
    paint(reason, 'bad'),
    paint(since === null ? '-' : formatTime(since)),
    paint(message),
  ]);
  return formatTable([titleRow(header, paint), ...rows]);
}

/** A line for each reason. */
function adviceOn(failures: readonly FailedItem[]): string[] {
  const reasons = new Set(failures.flatMap(({ reason }) => reason ?? []));
  return [...reasons].flatMap((reason) => {
    const advice = adviceOnReason(reason);
    return advice === undefined ? [] : [`${reason}: ${advice}`];
  });
}
