import pMap from 'p-map';
import { ITEM_KEYS } from '../../functions/mirror/mirror-rows.ts';
import { chunksOf } from '../../functions/shared/chunks.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../functions/shared/contract/repositories.ts';
import { getRow, putRows, type Row } from '../../functions/shared/dynamodb.ts';
import { PAGE_SIZE } from '../github/bank.ts';
import { readBank } from '../github/bank-reader.ts';
import type { CheckedWebhooks } from '../scenarios.ts';
import type { Installation } from './installation.ts';

/** One chunk is written while others are read. */
const CHUNKS_IN_FLIGHT = 3;
const CHECKS_IN_FLIGHT = 20;

/**
 * Writes the ITEM rows that a first run would have written, all with the fields of one item that the product has
 * mirrored itself. A run that finds no changes reads no other rows.
 */
export async function fillMirror(
  apiUrl: string,
  installation: Installation,
  { repositories, webhooks }: { repositories: readonly ListedRepository[]; webhooks: CheckedWebhooks },
): Promise<void> {
  const bank = readBank(apiUrl);
  const [first] = repositories;
  if (!first) return;
  const example = await synchronizeOne(installation, first.itemBankId);
  const fill = async (chunk: readonly ListedRepository[]): Promise<void> => {
    const rows = await pMap(
      await bank.seen(chunk),
      async (seen): Promise<Row> => ({
        ...example,
        ...seen,
        ...ITEM_KEYS.item(seen.itemBankId),
        webhook:
          webhooks === 'of the organization' ? undefined : await bank.knownWebhook(seen.repositoryName),
      }),
      { concurrency: CHECKS_IN_FLIGHT },
    );
    await putRows(installation.itemsTable, rows);
  };
  await pMap(chunksOf(repositories, { count: PAGE_SIZE }), fill, { concurrency: CHUNKS_IN_FLIGHT });
}

async function synchronizeOne(installation: Installation, id: ItemBankId): Promise<Row> {
  const answer = await fetch(`${installation.apiEndpoint}/sync/${id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await installation.token()}` },
  });
  const row = await getRow(installation.itemsTable, ITEM_KEYS.item(id));
  if (row?.['headCommit'] !== undefined) return row;
  throw new Error(`the first item could not be synchronized: ${answer.status} ${await answer.text()}`);
}
