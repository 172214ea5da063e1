import { Command, Option } from '@commander-js/extra-typings';
import type { ItemView, SyncItemAnswer } from '../api/answers.ts';
import type { Api } from '../api/client.ts';
import {
  findItems,
  ITEM_NAMES,
  type ItemName,
  isNumber,
  syncItemByBankId,
  syncItemByItemId,
} from '../api/items.ts';
import { type Context, openApi } from '../context.ts';
import { describeItem, describeSynchronized } from '../describe/item.ts';
import { count } from '../describe/quantities.ts';
import { EXIT } from '../exit.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import { UsageError } from '../usage-error.ts';

export const itemCommand = (context: Context) =>
  new Command('item')
    .description('show an item of the mirror: how fresh it is, and why it is stale')
    .argument('<name>', 'its item id, the name of its repository, or its item bank id')
    .addOption(new Option('--by <kind>', 'what the name is, if several items match').choices(ITEM_NAMES))
    .option('--sync', 'synchronize it now, even while a run is working')
    .action(async (name, { by, sync }) => {
      const api = await openApi(context);
      const found = await findItems(api, name, by === undefined ? ITEM_NAMES : [by]);
      if (sync) await synchronize(context, api, { name, by, found });
      else show(context, name, found);
    });

function show({ output, options }: Context, name: string, found: readonly ItemView[]): void {
  if (found.length === 0) {
    throw new ExpectedFailure(
      `The mirror has no item ${name}. If its repository is new, add --sync to synchronize it now.`,
    );
  }
  if (options().json) output.json({ items: found });
  else output.data(found.flatMap((item) => describeItem(item, output.paint)));
  if (found.length > 1)
    output.note(`${count(found.length, 'item')} match. Use --by to choose one kind of name.`);
}

interface Wanted {
  name: string;
  by: ItemName | undefined;
  found: readonly ItemView[];
}

async function synchronize(context: Context, api: Api, wanted: Wanted): Promise<void> {
  const { output, options } = context;
  const answer = await send(api, wanted);
  if (options().json) output.json(answer);
  else output.data(describeSynchronized(answer, output.paint));
  if (answer.outcome === 'failed') context.exit = EXIT.failed;
}

/** @throws UsageError, ExpectedFailure unless it is clear which item is meant. */
function send(api: Api, { name, by, found }: Wanted): Promise<SyncItemAnswer> {
  const [item, another] = found;
  if (another !== undefined) {
    const ids = found.map(({ itemBankId, repository }) => `${itemBankId} (${repository})`).join(', ');
    throw new UsageError(
      `Nothing was synchronized, because several items match. Use --by item-bank-id with one of these ids: ${ids}.`,
    );
  }
  if (item !== undefined) return syncItemByBankId(api, item.itemBankId);
  if (!isNumber(name)) {
    throw new ExpectedFailure(
      `The mirror has no repository ${name}. Use its item bank id: gh api repos/<organization>/${name} --jq .id`,
    );
  }
  // The mirror does not have it yet, and GitHub can only be asked for a repository by its item bank id.
  return by === 'item-id' ? syncItemByItemId(api, name) : syncItemByBankId(api, name);
}
