import type * as z from 'zod';
import {
  BATCH_STATUSES,
  type BatchStatus,
  hasEnded as isEnd,
} from '../../functions/shared/contract/job-execution.ts';
import { ROUTES } from '../../functions/shared/contract/routes.ts';
import {
  ControlAnswer,
  ExecutionDetail,
  type ExecutionItem,
  type ExecutionSummary,
  FindExecutionItemsAnswer,
  FindExecutionsAnswer,
  StartAnswer,
} from './answers.ts';
import type { Api, Route } from './client.ts';

/** Filters of the history, with the values that the API accepts. */
export interface HistoryFilter {
  status?: string | undefined;
  trigger?: string | undefined;
  /** `2026-11-28`, in UTC. */
  day?: string | undefined;
}

export interface History {
  executions: ExecutionSummary[];
  /** Runs whose record cannot be read. */
  unreadable: number[];
}

/** The maximum number of runs on a page. */
const PAGE = 100;

/** The newest runs, at most `limit` of them. */
export async function findExecutions(api: Api, filter: HistoryFilter, limit: number): Promise<History> {
  const found: History = { executions: [], unreadable: [] };
  let cursor: string | undefined;
  do {
    const page = await api.request(ROUTES.findExecutions, {
      answer: FindExecutionsAnswer,
      query: { ...filter, limit: Math.min(PAGE, limit - found.executions.length), cursor },
    });
    found.executions.push(...page.executions);
    found.unreadable.push(...(page.unreadable ?? []));
    cursor = page.next;
  } while (cursor !== undefined && found.executions.length < limit);
  return found;
}

export const getExecution = (api: Api, jobExecutionId: number): Promise<ExecutionDetail> =>
  api.request(ROUTES.getExecution, { answer: ExecutionDetail, path: { jobExecutionId } });

export interface ExecutionItems {
  items: ExecutionItem[];
  /** Ids whose row cannot be read. */
  unreadable: number[];
}

const ITEMS_PAGE = 1_000;

/** What a run did to each id. Ids that were unchanged and whose webhook is in order are left out. */
export async function findExecutionItems(
  api: Api,
  jobExecutionId: number,
  outcome?: string,
): Promise<ExecutionItems> {
  const found: ExecutionItems = { items: [], unreadable: [] };
  let cursor: string | undefined;
  do {
    const page = await api.request(ROUTES.findExecutionItems, {
      answer: FindExecutionItemsAnswer,
      path: { jobExecutionId },
      query: { outcome, limit: ITEMS_PAGE, cursor },
    });
    found.items.push(...page.items);
    found.unreadable.push(...(page.unreadable ?? []));
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

export const startSync = (api: Api, options: object): Promise<StartAnswer> =>
  api.request(ROUTES.startSync, { answer: StartAnswer, body: options });

export const restartExecution = (api: Api, jobExecutionId: number): Promise<StartAnswer> =>
  api.request(ROUTES.restartExecution, { answer: StartAnswer, path: { jobExecutionId } });

export const stopExecution = (api: Api, jobExecutionId: number) =>
  control(api, ROUTES.stopExecution, jobExecutionId);

export const abandonExecution = (api: Api, jobExecutionId: number) =>
  control(api, ROUTES.abandonExecution, jobExecutionId);

const control = (api: Api, route: Route, jobExecutionId: number): Promise<z.output<typeof ControlAnswer>> =>
  api.request(route, { answer: ControlAnswer, path: { jobExecutionId } });

const isKnown = (status: string): status is BatchStatus => BATCH_STATUSES.some((known) => known === status);

/** A run with a status that this release does not know is taken to be working. */
export const hasEnded = ({ status }: Pick<ExecutionSummary, 'status'>): boolean =>
  isKnown(status) && isEnd({ status });
