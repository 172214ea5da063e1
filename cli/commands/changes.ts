import { Command } from '@commander-js/extra-typings';
import { newestRun } from '../api/choose-run.ts';
import { findExecutionItems } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { count } from '../describe/quantities.ts';
import { noteUnreadable } from '../note-unreadable.ts';
import { formatTable, titleRow } from '../terminal/paint.ts';

const CHANGES = ['created', 'updated', 'derived', 'removed'];

export const changesCommand = (context: Context) =>
  new Command('changes')
    .description('list the items that a run created, updated or removed')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const api = await openApi(context);
      const run = id ?? (await newestRun(api));
      const found = await findExecutionItems(api, run);
      const items = found.items.filter(({ outcome }) => CHANGES.includes(outcome));
      if (options().json) {
        output.json({ jobExecutionId: run, items, unreadable: found.unreadable });
      } else if (items.length > 0) {
        const { paint } = output;
        const header = titleRow(['item bank id', 'repository', 'outcome', 'reason'], paint);
        const rows = items.map(({ itemBankId, repository, outcome, reason }) =>
          [String(itemBankId), repository, outcome, reason ?? ''].map((cell) => paint(cell)),
        );
        output.data(formatTable([header, ...rows]));
      }
      output.note(`Job execution ${run}: ${count(items.length, 'changed item')}.`);
      noteUnreadable(output, found.unreadable);
    });
