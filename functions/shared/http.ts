import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ErrorName } from './contract/errors.ts';
import { type ItemBankId, itemBankId } from './contract/ids.ts';
import { isSyncError, SyncError } from './errors.ts';
import type * as z from './zod.ts';

/** Failures that a caller may know of. Any other is a 500 that says nothing but the request's id. */
const STATUS: Partial<Record<ErrorName, { status: number; title: string }>> = {
  RequestInvalid: { status: 400, title: 'The request is not valid' },
  ItemBankIdUnknown: { status: 404, title: 'The item bank has no such repository' },
  ItemNotFound: { status: 404, title: 'The mirror has no such item' },
  JobExecutionAlreadyRunning: { status: 409, title: 'A job execution is running already' },
  ExecutionNotStarted: { status: 503, title: 'The job execution could not be started' },
  GitHubRateLimited: { status: 503, title: 'GitHub asks to wait' },
  GitHubRefused: { status: 502, title: 'GitHub refuses what was asked of it' },
  GitHubUnavailable: { status: 503, title: 'GitHub does not answer' },
};

/** The detail of a failure that is told as the header Retry-After too, seconds. */
export const RETRY_AFTER = 'retryAfterSeconds';

/** Answers failures as `application/problem+json` (RFC 9457), with the failure's stable code. */
export const problemResponses: MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error
> = {
  onError: (request) => {
    request.response = problemOf(request.error, request.event.requestContext.requestId);
  },
};

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

/** The answer of a route that did what it was asked for. */
export function jsonAnswer(statusCode: number, body: object): APIGatewayProxyStructuredResultV2 {
  return jsonTextAnswer(statusCode, JSON.stringify(body));
}

/** The same where the body is JSON text already. */
export function jsonTextAnswer(statusCode: number, body: string): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body };
}

/**
 * The request's body by `schema`; no body is `{}`. The content type does not matter: the operators' curl sends none,
 * and with data it claims a form, which API Gateway then encodes.
 * @throws SyncError `RequestInvalid` with every fault.
 */
export function parseBody<Schema extends z.ZodMiniType>(
  { body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
  schema: Schema,
): z.output<Schema> {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  const parsed = schema.safeParse(text.trim() === '' ? {} : parseJson(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new SyncError('RequestInvalid', faults.join('; '));
}

/** @throws SyncError `RequestInvalid` unless the path's `{itemBankId}` is a number that a repository can have. */
export function parseItemBankId({
  pathParameters,
}: Pick<APIGatewayProxyEventV2, 'pathParameters'>): ItemBankId {
  const text = pathParameters?.['itemBankId'] ?? '';
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return itemBankId(Number(text));
  throw new SyncError('RequestInvalid', 'an item bank id is a whole number from 1 to 2^53 - 1');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyncError('RequestInvalid', 'the body is not JSON');
  }
}
