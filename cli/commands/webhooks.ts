import { Command } from '@commander-js/extra-typings';
import type { ExecutionItem } from '../api/answers.ts';
import { newestRun } from '../api/choose-run.ts';
import { findExecutionItems } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { count } from '../describe/quantities.ts';
import { noteUnreadable } from '../note-unreadable.ts';
import { formatTable, type Paint, type Text, type Tone, titleRow } from '../terminal/paint.ts';

/** States in which nobody has to act on a webhook. */
const IN_ORDER = ['present', 'archived', 'unchecked'];
const REPAIRED = ['created', 'repaired'];

export const webhooksCommand = (context: Context) =>
  new Command('webhooks')
    .description('list the project webhooks that a run found missing or wrong, and how it left them')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const api = await openApi(context);
      const run = id ?? (await newestRun(api));
      const found = await findExecutionItems(api, run);
      const items = found.items.filter((item) => !isInOrder(item));
      if (options().json) output.json({ jobExecutionId: run, items, unreadable: found.unreadable });
      else if (items.length > 0) output.data(describeWebhooks(items, output.paint));
      const open = items.filter(({ webhookLeft }) => !REPAIRED.includes(webhookLeft)).length;
      output.note(
        `Job execution ${run}: ${count(items.length, 'webhook')} with a problem, ${open} not fixed.`,
      );
      noteUnreadable(output, found.unreadable);
    });

const isInOrder = ({ webhookFound, webhookLeft, webhookFailure }: ExecutionItem): boolean =>
  IN_ORDER.includes(webhookFound) && IN_ORDER.includes(webhookLeft) && webhookFailure === undefined;

function describeWebhooks(items: readonly ExecutionItem[], paint: Paint): Text[] {
  const header = ['item bank id', 'repository', 'found', 'left', 'why'];
  const rows = items.map(({ itemBankId, repository, webhookFound, webhookLeft, webhookFailure }) => [
    paint(String(itemBankId)),
    paint(repository),
    paint(webhookFound),
    paint(webhookLeft, toneOf(webhookLeft)),
    paint(webhookFailure ? `${webhookFailure.reason}: ${webhookFailure.message}` : ''),
  ]);
  return formatTable([titleRow(header, paint), ...rows]);
}

const toneOf = (state: string): Tone => (REPAIRED.includes(state) ? 'good' : 'warning');
