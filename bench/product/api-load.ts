import * as z from 'zod';
import type { MirrorRow } from '../../functions/mirror/mirror-rows.ts';
import { mirroredIds, readMirror } from '../../functions/mirror/read-mirror.ts';
import type { ItemBankId } from '../../functions/shared/contract/ids.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import { type Arrival, type ArrivalFigures, type ArrivalPlan, arrive } from './arrivals.ts';
import type { Installation } from './installation.ts';

/** The functions start in this time. */
const WARM_UP_SECONDS = 5;
const ITEMS_READ = 100;
/** One request in ten tries to start a run. */
const STARTS_EVERY = 10;

const Start = z.object({ jobExecutionId: z.number() });
const Refusal = z.object({ code: z.string() });
const Item = z.object({ itemBankId: z.number(), repository: z.string() });
const Items = z.object({ items: z.array(Item) });

/** Whether some of the requests start runs. */
export type LoadKind = 'idle' | 'during runs';

/** Sends requests that read the mirror, and possibly start runs, at a fixed rate, and checks every answer. */
export async function loadApi(
  installation: Installation,
  plan: ArrivalPlan,
  kind: LoadKind,
): Promise<ArrivalFigures> {
  const rows = await rowsToRead(installation);
  const token = await installation.token();
  const next = (index: number): Arrival => requestNumber(index, { installation, rows, token, kind });
  await arrive({ ...plan, seconds: WARM_UP_SECONDS }, next);
  return arrive(plan, next);
}

async function rowsToRead({ itemsTable }: Installation): Promise<MirrorRow[]> {
  const ids: ItemBankId[] = [];
  for await (const id of mirroredIds(itemsTable)) {
    ids.push(id);
    if (ids.length === ITEMS_READ) break;
  }
  const rows = [...(await readMirror(itemsTable, ids)).values()].filter(({ itemId }) => itemId !== undefined);
  if (rows.length === 0) throw new Error('the mirror has no items to read');
  return rows;
}

interface Load {
  installation: Installation;
  rows: readonly MirrorRow[];
  token: string;
  kind: LoadKind;
}

function requestNumber(index: number, { installation, rows, token, kind }: Load): Arrival {
  const row = rows[index % rows.length];
  const ask = async (path: string, method: string): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}` };
    try {
      const answer = await fetch(`${installation.apiEndpoint}${path}`, { method, headers });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return { status: 0, body: undefined };
    }
  };
  if (!row || (kind === 'during runs' && index % STARTS_EVERY === 0)) {
    const { method, path } = ROUTES.startSync;
    return { name: `${method} ${path}`, send: async () => judge(await ask(path, method), isStartOrRefusal) };
  }
  const { itemBankId, itemId = '' } = row;
  if (index % 2 === 0) {
    const isRight = ({ status, body }: Answer) => status === 200 && isOf(row, Item.safeParse(body).data);
    return {
      name: 'GET /items/{itemBankId}',
      send: async () => judge(await ask(`/items/${itemBankId}`, 'GET'), isRight),
    };
  }
  const isFound = ({ status, body }: Answer) =>
    status === 200 && (Items.safeParse(body).data?.items.some((item) => isOf(row, item)) ?? false);
  return {
    name: 'GET /items?itemId=',
    send: async () => judge(await ask(`/items?itemId=${itemId}`, 'GET'), isFound),
  };
}

interface Answer {
  /** 0 if there was no answer, or none in JSON. */
  status: number;
  body: unknown;
}

function judge(answer: Answer, isRight: (answer: Answer) => boolean) {
  return { isRight: isRight(answer), answer: answer.status === 0 ? 'no answer' : String(answer.status) };
}

function isStartOrRefusal({ status, body }: Answer): boolean {
  if (status === 202) return Start.safeParse(body).success;
  return status === 409 && Refusal.safeParse(body).data?.code === 'JOB_ALREADY_RUNNING';
}

function isOf(row: MirrorRow, item: z.infer<typeof Item> | undefined): boolean {
  return item?.itemBankId === row.itemBankId && item.repository === row.repositoryName;
}
