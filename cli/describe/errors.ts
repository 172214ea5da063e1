import type { ErrorCode } from '../../functions/shared/contract/errors.ts';
import { ApiError, type Problem, StrangeAnswerError, TokenError, UnreachableError } from '../api/errors.ts';
import { EXIT, type Exit } from '../exit.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import { UsageError } from '../usage-error.ts';
import { count } from './quantities.ts';

export interface Described {
  /** What is wrong and what to do, without a line break at its end. */
  sentence: string;
  exit: Exit;
}

/** @returns undefined for an unexpected error. */
export function describeError(error: unknown): Described | undefined {
  if (error instanceof UsageError) return { sentence: error.message, exit: EXIT.usage };
  if (error instanceof ApiError) return describeProblem(error);
  if (error instanceof TokenError || error instanceof ExpectedFailure)
    return { sentence: error.message, exit: EXIT.failed };
  if (error instanceof UnreachableError) {
    const sentence = `${error.origin} cannot be reached (${error.reason}). Check the address and the network: item-sync doctor.`;
    return { sentence, exit: EXIT.unreachable };
  }
  if (error instanceof StrangeAnswerError) {
    return { sentence: `${error.message}. Check the address of the API.`, exit: EXIT.failed };
  }
  return undefined;
}

type Sentence = (problem: Problem) => string;

const detailOf = ({ detail, title }: Problem): string =>
  (detail ?? title ?? 'no reason given').replace(/\.$/, '');
const waitOf = ({ retryAfterSeconds }: Problem): string =>
  retryAfterSeconds === undefined ? 'later' : `in ${count(Math.ceil(retryAfterSeconds), 'second')}`;
const requestOf = ({ requestId }: Problem): string =>
  requestId === undefined ? '' : ` (request ${requestId})`;

/** By code, because codes never change. */
const BY_CODE: Partial<Record<ErrorCode | 'INTERNAL_ERROR', Sentence>> = {
  REQUEST_INVALID: (problem) => `The API rejected the request: ${detailOf(problem)}.`,
  EXECUTION_NOT_FOUND: (problem) => `Not found: ${detailOf(problem)}. item-sync runs lists the runs.`,
  EXECUTION_ITEMS_EXPIRED: (problem) => `Not found: ${detailOf(problem)}.`,
  ITEM_BANK_ID_UNKNOWN: (problem) => `Not found: ${detailOf(problem)}.`,
  ITEM_NOT_FOUND: (problem) =>
    `Not found: ${detailOf(problem)}. If its repository is new, add --sync to synchronize it now.`,
  JOB_ALREADY_RUNNING: ({ jobExecutionId, ...problem }) =>
    jobExecutionId === undefined
      ? `Nothing was started: ${detailOf(problem)}. Try again in a moment.`
      : `Nothing was started, because job execution ${jobExecutionId} is running. Follow it: item-sync watch ${jobExecutionId}`,
  EXECUTION_ENDED: (problem) => `Nothing was changed: ${detailOf(problem)}.`,
  ITEM_ID_AMBIGUOUS: ({ itemBankIds = [], ...problem }) =>
    `Nothing was changed: ${detailOf(problem)}. Use one of the item bank ids: ${itemBankIds.join(', ')}.`,
  ROW_TOO_NEW: (problem) =>
    `A later release of the service wrote this, and the deployed one cannot read it: ${detailOf(problem)}. Deploy the later one again (docs/runbook.md).`,
  NOTHING_TO_RESTART: (problem) =>
    `Nothing was started: ${detailOf(problem)}. For a run of the whole bank, use item-sync start.`,
  RATE_LIMITED: (problem) => `GitHub asks to wait. Try again ${waitOf(problem)}.`,
  GITHUB_UNAVAILABLE: (problem) => `GitHub does not answer. Try again ${waitOf(problem)}.`,
  GITHUB_REFUSED: () =>
    'GitHub refused the request of the service. Check its credential and permissions: item-sync doctor.',
  EXECUTION_NOT_STARTED: () =>
    'Step Functions did not confirm the start. Check with item-sync runs whether the run is there, and try again in two minutes.',
  INTERNAL_ERROR: (problem) =>
    `The service failed${requestOf(problem)}. Its log says why: item-sync logs --level ERROR`,
};

/** Answers of the gateway, or of a proxy before it. */
const BY_STATUS: Readonly<Record<number, Sentence>> = {
  401: () =>
    'The API does not accept the token: it has expired, or its issuer or audience is wrong. Get a new one. item-sync doctor says what is wrong with it.',
  403: () => 'The token lacks the scope that this command needs. item-sync doctor shows its scopes.',
  404: () => 'The API has no such route. Check its address. It may also be an earlier release.',
  429: (problem) => `The API received too many requests. Try again ${waitOf(problem)}.`,
  503: (problem) => `The API is not available. Try again ${waitOf(problem)}.`,
};

function describeProblem({ problem, url }: ApiError): Described {
  const known = Object.entries(BY_CODE).find(([code]) => code === problem.code)?.[1];
  const sentence = (known ?? BY_STATUS[problem.status])?.(problem);
  return {
    sentence: sentence ?? `${url} answered ${problem.status}${requestOf(problem)}: ${detailOf(problem)}.`,
    exit: problem.code === 'JOB_ALREADY_RUNNING' ? EXIT.alreadyRunning : EXIT.failed,
  };
}
