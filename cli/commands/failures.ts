import { Command } from '@commander-js/extra-typings';
import { csvLine } from '../../functions/shared/contract/csv.ts';
import type { ExecutionItem } from '../api/answers.ts';
import { newestRun } from '../api/choose-run.ts';
import { findExecutionItems } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { count, formatTime } from '../describe/quantities.ts';
import { adviceOnReason } from '../describe/reasons.ts';
import { noteUnreadable } from '../note-unreadable.ts';
import { formatTable, type Paint, type Text, titleRow } from '../terminal/paint.ts';
import { printable } from '../terminal/terminal.ts';

export const failuresCommand = (context: Context) =>
  new Command('failures')
    .description('list the items that failed in a run: why, since when, and what to do')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .option('--deferred', 'list the items that the run left to a later one instead')
    .option('--csv', 'print comma-separated values')
    .action(async (id, { csv, deferred }) => {
      const { output, options } = context;
      const api = await openApi(context);
      const run = id ?? (await newestRun(api));
      const outcome = deferred ? 'deferred' : 'failed';
      const { items, unreadable } = await findExecutionItems(api, run, outcome);
      if (options().json) {
        const dated = items.map((item) => ({ ...item, since: item.since ?? null }));
        output.json({ jobExecutionId: run, items: dated, unreadable });
      } else if (csv) output.raw(formatCsv(items));
      else if (items.length > 0) output.data(describeItems(items, output.paint));
      output.note(`Job execution ${run}: ${count(items.length, `${outcome} item`)}.`);
      noteUnreadable(output, unreadable);
      for (const line of adviceOn(items)) output.note(line);
    });

const COLUMNS = ['itemBankId', 'repository', 'reason', 'message', 'githubRequestId', 'since'] as const;

const formatCsv = (items: readonly ExecutionItem[]): string =>
  [COLUMNS, ...items.map((item) => COLUMNS.map((column) => cellOf(item[column])))]
    .map((cells) => csvLine(cells))
    .join('');

const cellOf = (value: string | number | undefined): string | number =>
  typeof value === 'string' ? printable(value) : (value ?? '');

function describeItems(items: readonly ExecutionItem[], paint: Paint): Text[] {
  const header = ['item bank id', 'repository', 'reason', 'since', 'message'];
  const rows = items.map(({ itemBankId, repository, reason = '-', since, message = '' }) => [
    paint(String(itemBankId)),
    paint(repository),
    paint(reason, 'bad'),
    paint(since === undefined ? '-' : formatTime(since)),
    paint(message),
  ]);
  return formatTable([titleRow(header, paint), ...rows]);
}

/** A line for each reason. */
function adviceOn(items: readonly ExecutionItem[]): string[] {
  const reasons = new Set(items.flatMap(({ reason }) => reason ?? []));
  return [...reasons].flatMap((reason) => {
    const advice = adviceOnReason(reason);
    return advice === undefined ? [] : [`${reason}: ${advice}`];
  });
}
