import type { GitHubContext } from '../github/github.ts';
import { type Page, type PagedList, readFollowingPages, readPage } from '../github/pages.ts';
import { failedRequest } from '../github/responses.ts';
import type { SharedScope } from '../shared/contract/webhooks.ts';
import { DeferredError } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Log } from '../shared/logger.ts';
import * as z from '../shared/zod.ts';
import { readKnownWebhook } from './webhook-rows.ts';

const DAY_MS = 24 * 3_600_000;
const MAX_PAGES = 10;
// Each is a write, and writes are sent one after another. The run compares all items in any case.
const MAX_REDELIVERIES = 100;
const MAX_LOGGED = 100;

const Delivery = z.object({
  // Octokit reads a number above 2^53 as a bigint.
  id: z.union([z.int(), z.bigint()]),
  guid: z.string(),
  delivered_at: z.string(),
  status_code: z.int(),
  redelivery: z.lenient(z.boolean()),
  event: z.lenient(z.string()),
  repository_id: z.lenient(z.int()),
});
type Delivery = z.output<typeof Delivery>;

/** An attempt of GitHub to deliver an event, which this service did not answer with success. */
interface FailedDelivery {
  /** GitHub's id of the attempt. */
  id: string;
  /** GitHub's id of the event, which is the same for each attempt. */
  guid: string;
  event: string | undefined;
  statusCode: number;
  repositoryId: number | undefined;
  deliveredAt: string;
}

export interface FailedDeliveriesDependencies {
  executionsTable: Table;
  log: Log;
  /** Whether GitHub is asked to deliver them again. */
  redeliverFailedDeliveries: boolean;
}

/**
 * Logs which deliveries of the last day failed, as the webhook of the organization or of the App shows them, and asks
 * GitHub to deliver them again if a setting says so. It asks once for each: another attempt would fail in the same way.
 * GitHub shows the deliveries of a repository's webhook only by one request for each repository, so these are left out.
 * An error here is logged, and does not affect the run.
 */
export async function reportFailedDeliveries(
  { executionsTable, log, redeliverFailedDeliveries }: FailedDeliveriesDependencies,
  context: GitHubContext,
  { scope, dryRun }: { scope: SharedScope; dryRun: boolean },
): Promise<void> {
  try {
    const hook = await openHook(executionsTable, context, scope);
    if (!hook) return;
    const attempts = await readLastDay(context, hook.list('failure'));
    const failed = failedOf(attempts);
    if (failed.length === 0) return;
    const line = `${failed.length} deliveries of GitHub failed within the last day`;
    log.warn(line, { failedDeliveries: failed.slice(0, MAX_LOGGED) });
    if (dryRun || !redeliverFailedDeliveries) return;
    const isDone = ({ redelivery, ...attempt }: Delivery): boolean =>
      redelivery === true || isSuccess(attempt);
    const others = await readLastDay(context, hook.list('success'));
    const done = new Set([...attempts, ...others].filter(isDone).map(({ guid }) => guid));
    const again = failed.filter(({ guid }) => !done.has(guid)).slice(0, MAX_REDELIVERIES);
    if (again.length === 0) return;
    for (const { id } of again) await hook.redeliver(id);
    log.info(`asked GitHub to deliver ${again.length} of them again`);
  } catch (error) {
    const { message } = error instanceof DeferredError ? error : failedRequest(error, context);
    log.warn(`could not read or repeat the failed deliveries of GitHub: ${message}`);
  }
}

/** The webhook for all repositories, as far as its deliveries are concerned. */
interface Hook {
  list: (status: 'success' | 'failure') => PagedList;
  redeliver: (id: string) => Promise<unknown>;
}

/** @returns undefined if no run has found the webhook yet. */
async function openHook(
  executionsTable: Table,
  { github, organization: org }: GitHubContext,
  scope: SharedScope,
): Promise<Hook | undefined> {
  if (scope === 'app') {
    const { appAuthorization } = github;
    if (!appAuthorization) return undefined;
    const headers = { authorization: await appAuthorization() };
    return {
      list: (status) => ({
        route: 'GET /app/hook/deliveries',
        path: {},
        query: { per_page: 100, status },
        headers,
      }),
      redeliver: (delivery_id) =>
        github.request<string>('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id, headers }),
    };
  }
  const known = await readKnownWebhook(executionsTable);
  if (known?.id === undefined) return undefined;
  const path = { org, hook_id: String(known.id) };
  return {
    list: (status) => ({
      route: 'GET /orgs/{org}/hooks/{hook_id}/deliveries',
      path,
      query: { per_page: 100, status },
    }),
    redeliver: (delivery_id) =>
      github.request<string>('POST /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts', {
        ...path,
        delivery_id,
      }),
  };
}

/** Older Enterprise Servers ignore the filter by status, so that each list may have both. */
const isSuccess = ({ status_code }: Pick<Delivery, 'status_code'>): boolean =>
  status_code >= 200 && status_code <= 299;

/** @returns the latest failed attempt at each event. */
function failedOf(attempts: readonly Delivery[]): FailedDelivery[] {
  const failed = new Map<string, FailedDelivery>();
  for (const attempt of attempts) {
    const { id, guid, delivered_at, status_code, event, repository_id } = attempt;
    if (isSuccess(attempt) || failed.has(guid)) continue;
    failed.set(guid, {
      id: String(id),
      guid,
      event,
      statusCode: status_code,
      repositoryId: repository_id,
      deliveredAt: delivered_at,
    });
  }
  return [...failed.values()];
}

/** @returns the attempts of the last day, the latest first, or as many of them as a few pages have. */
async function readLastDay({ github, now }: GitHubContext, list: PagedList): Promise<Delivery[]> {
  const since = now().getTime() - DAY_MS;
  const isOlder = ({ delivered_at }: Delivery): boolean => Date.parse(delivered_at) < since;
  const attempts: Delivery[] = [];
  /** @returns whether the page reaches back further than a day. */
  const add = ({ data }: Page): boolean => {
    const page = (Array.isArray(data) ? data : []).flatMap((each) => Delivery.safeParse(each).data ?? []);
    attempts.push(...page.filter((each) => !isOlder(each)));
    return page.some(isOlder);
  };
  const read = (part: PagedList): Promise<Page> => readPage(github, part);
  const first = await read(list);
  if (add(first)) return attempts;
  let pages = 1;
  for await (const page of readFollowingPages(read, list, first)) {
    pages += 1;
    if (add(page) || pages === MAX_PAGES) break;
  }
  return attempts;
}
