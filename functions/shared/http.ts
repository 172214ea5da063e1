import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ErrorName } from './contract/errors.ts';
import { type ItemBankId, itemBankId, type JobExecutionId, jobExecutionId } from './contract/ids.ts';
import { isSyncError, SyncError } from './errors.ts';
import type * as z from './zod.ts';

/** Errors that a caller may see. Any other error is answered with 500 and the request's id only. */
const STATUS: Partial<Record<ErrorName, { status: number; title: string }>> = {
  RequestInvalid: { status: 400, title: 'The request is not valid' },
  SignatureInvalid: { status: 401, title: 'The signature is missing or not valid' },
  ItemBankIdUnknown: { status: 404, title: 'The item bank has no such repository' },
  ItemNotFound: { status: 404, title: 'The mirror has no such item' },
  ExecutionNotFound: { status: 404, title: 'There is no such job execution' },
  ExecutionEnded: { status: 409, title: 'The job execution has ended' },
  ItemIdAmbiguous: { status: 409, title: 'Several repositories have this item id' },
  NothingToRestart: { status: 422, title: 'The job execution left nothing to do' },
  JobExecutionAlreadyRunning: { status: 409, title: 'A job execution is already running' },
  // Not the service's fault: it was rolled back. A 5xx would raise an alarm, and say less.
  RowTooNew: { status: 409, title: 'A later release wrote this' },
  ExecutionItemsExpired: { status: 410, title: 'The outcomes of this job execution are no longer kept' },
  RequestTooLarge: { status: 413, title: 'The body is too large' },
  DeliveryNotQueued: { status: 503, title: 'The delivery could not be queued' },
  ExecutionNotStarted: { status: 503, title: 'The job execution could not be started' },
  GitHubRateLimited: { status: 503, title: 'The rate limit of GitHub is reached' },
  GitHubRefused: { status: 502, title: 'GitHub refused the request' },
  GitHubUnavailable: { status: 503, title: 'GitHub is not available' },
};

/** Name of the error detail, in seconds, that is also sent as the header Retry-After. */
export const RETRY_AFTER = 'retryAfterSeconds';

/** Answers errors as `application/problem+json` (RFC 9457), with their stable code. */
export const problemResponses: MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error
> = {
  onError: (request) => {
    request.response = problemOf(request.error, request.event.requestContext.requestId);
  },
};

/** The HTTP status of the answer to an error. */
export const statusOf = (name: ErrorName): number => STATUS[name]?.status ?? 500;

export function problemOf(error: unknown, requestId: string): APIGatewayProxyStructuredResultV2 {
  const known = isSyncError(error) ? STATUS[error.name] : undefined;
  if (!known || !isSyncError(error)) {
    return problem({ status: 500, title: 'Internal error', code: 'INTERNAL_ERROR', requestId });
  }
  const detail = known.status < 500 ? { detail: error.message } : {};
  return problem({ ...known, code: error.code, ...detail, ...error.details, requestId });
}

function problem(body: { status: number; [member: string]: unknown }): APIGatewayProxyStructuredResultV2 {
  const retryAfter = body[RETRY_AFTER];
  return {
    statusCode: body.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(typeof retryAfter === 'number' && { 'retry-after': retryAfter }),
    },
    body: JSON.stringify({ type: 'about:blank', ...body }),
  };
}

/** The answer of a route that succeeded. */
export function jsonAnswer(
  statusCode: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 {
  const { headers: contentType, ...answer } = jsonTextAnswer(statusCode, JSON.stringify(body));
  return { ...answer, headers: { ...contentType, ...headers } };
}

/** The header with the path of a run that was started. */
export const locationOf = (id: JobExecutionId): { location: string } => ({ location: `/executions/${id}` });

/** The same for a body that is JSON text already. */
export function jsonTextAnswer(statusCode: number, body: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body };
}

/** Callers see the messages, and the log has them. */
const MAX_FAULT_LENGTH = 100;
const MAX_FAULTS = 10;

/**
 * Parses a request's body, whose schema is a flat object; an absent body is `{}`. The content type is ignored: curl
 * without data sends none, and curl with data claims to send a form, which API Gateway then encodes as base64.
 * @throws SyncError `RequestInvalid` with every fault.
 */
export function parseBody<Schema extends z.ZodMiniType>(
  { body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
  schema: Schema,
): z.output<Schema> {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  let content: unknown;
  try {
    content = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new SyncError('RequestInvalid', 'the body is not JSON');
  }
  const parsed = schema.safeParse(content);
  const faults = parsed.success
    ? repeatedKeys(text).map((key) => `${key} is given more than once`)
    : parsed.error.issues.flatMap(faultsOf);
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new SyncError('RequestInvalid', faults.slice(0, MAX_FAULTS).map(shorten).join('; '));
}

const faultsOf = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `unknown option ${key}`)
    : [[...issue.path, issue.message].join(': ')];

const shorten = (fault: string): string =>
  fault.length > MAX_FAULT_LENGTH ? `${fault.slice(0, MAX_FAULT_LENGTH)}…` : fault;

/** JSON.parse takes the last of several equal keys. A caller may have meant another one. */
function repeatedKeys(json: string): string[] {
  const strings = json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g);
  const keys = [...strings].filter(([, , colon]) => colon !== undefined).map(([, key]) => String(key));
  const names = keys.map((key) => String(JSON.parse(key)));
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** @throws SyncError `RequestInvalid` unless the path's `{itemBankId}` is a valid id of a repository. */
export const parseItemBankId = ({ pathParameters }: PathEvent): ItemBankId =>
  itemBankId(parseId(pathParameters?.['itemBankId'], 'an item bank id'));

/** @throws SyncError `RequestInvalid` unless the path's `{jobExecutionId}` is a valid job execution id. */
export const parseJobExecutionId = ({ pathParameters }: PathEvent): JobExecutionId =>
  jobExecutionId(parseId(pathParameters?.['jobExecutionId'], 'a job execution id'));

type PathEvent = Pick<APIGatewayProxyEventV2, 'pathParameters'>;

function parseId(text = '', what: string): number {
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new SyncError('RequestInvalid', `${what} is a whole number from 1 to 2^53 - 1`);
}
