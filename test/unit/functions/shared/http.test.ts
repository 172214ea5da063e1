import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ErrorName } from '../../../../functions/shared/contract/errors.ts';
import { SyncError } from '../../../../functions/shared/errors.ts';
import { parseBody, parseItemBankId, problemOf } from '../../../../functions/shared/http.ts';
import { ERROR_NAMES } from '../../../support/error-names.ts';

const PROBLEM = { 'content-type': 'application/problem+json' };
const bodyOf = (error: unknown): unknown => JSON.parse(problemOf(error, 'request-1').body ?? '');

describe('the answer to an error', () => {
  it('explains an invalid request', () => {
    const error = new SyncError('RequestInvalid', 'the body is not JSON');
    expect(problemOf(error, 'request-1')).toMatchObject({ statusCode: 400, headers: PROBLEM });
    expect(bodyOf(error)).toEqual({
      type: 'about:blank',
      status: 400,
      title: 'The request is not valid',
      code: 'REQUEST_INVALID',
      detail: 'the body is not JSON',
      requestId: 'request-1',
    });
  });

  it('names the job execution that is already running', () => {
    const error = new SyncError('JobExecutionAlreadyRunning', 'job execution 7 is running', {
      details: { jobExecutionId: 7 },
    });
    expect(bodyOf(error)).toMatchObject({ status: 409, code: 'JOB_ALREADY_RUNNING', jobExecutionId: 7 });
  });

  it('has the code of a failed service, but not its message', () => {
    const error = new SyncError('ExecutionNotStarted', 'AccessDenied for role x', {
      details: { jobExecutionId: 7 },
    });
    expect(bodyOf(error)).toEqual({
      type: 'about:blank',
      status: 503,
      title: 'The job execution could not be started',
      code: 'EXECUTION_NOT_STARTED',
      jobExecutionId: 7,
      requestId: 'request-1',
    });
  });

  it('tells clients in Retry-After when to come back', () => {
    const error = new SyncError('GitHubRateLimited', 'slow down', { details: { retryAfterSeconds: 61 } });
    expect(problemOf(error, 'request-1')).toMatchObject({
      statusCode: 503,
      headers: { ...PROBLEM, 'retry-after': 61 },
    });
    expect(bodyOf(error)).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 61 });
  });

  it.each([
    ['ItemBankIdUnknown', 404, 'ITEM_BANK_ID_UNKNOWN'],
    ['ItemNotFound', 404, 'ITEM_NOT_FOUND'],
    ['ExecutionNotFound', 404, 'EXECUTION_NOT_FOUND'],
    ['ExecutionItemsExpired', 410, 'EXECUTION_ITEMS_EXPIRED'],
    ['ExecutionEnded', 409, 'EXECUTION_ENDED'],
    ['ItemIdAmbiguous', 409, 'ITEM_ID_AMBIGUOUS'],
    ['NothingToRestart', 422, 'NOTHING_TO_RESTART'],
    ['RowTooNew', 409, 'ROW_TOO_NEW'],
  ] as const)('explains why the request cannot be carried out: %s', (name, status, code) => {
    expect(bodyOf(new SyncError(name, 'for this reason'))).toMatchObject({
      status,
      code,
      detail: 'for this reason',
    });
  });

  it.each([
    ['SignatureInvalid', 401, 'SIGNATURE_INVALID'],
    ['RequestTooLarge', 413, 'REQUEST_TOO_LARGE'],
  ] as const)('says what is wrong with a delivery: %s', (name, status, code) => {
    expect(bodyOf(new SyncError(name, 'why'))).toMatchObject({ status, code, detail: 'why' });
  });

  it.each([
    ['DeliveryNotQueued', 503, 'DELIVERY_NOT_QUEUED'],
    ['GitHubUnavailable', 503, 'GITHUB_UNAVAILABLE'],
    ['GitHubRefused', 502, 'GITHUB_REFUSED'],
  ] as const)("has GitHub's request id, but not its message: %s", (name, status, code) => {
    const body = bodyOf(new SyncError(name, 'confidential', { details: { githubRequestId: 'AB12:3' } }));
    expect(body).toMatchObject({ status, code, githubRequestId: 'AB12:3' });
    expect(JSON.stringify(body)).not.toContain('confidential');
  });

  const known = [
    'RequestInvalid',
    'JobExecutionAlreadyRunning',
    'ExecutionNotStarted',
    'GitHubRateLimited',
    'GitHubUnavailable',
    'GitHubRefused',
    'ItemBankIdUnknown',
    'ItemNotFound',
    'ExecutionNotFound',
    'ExecutionItemsExpired',
    'ExecutionEnded',
    'ItemIdAmbiguous',
    'NothingToRestart',
    'RowTooNew',
    'SignatureInvalid',
    'RequestTooLarge',
    'DeliveryNotQueued',
  ];
  it.each([
    ...ERROR_NAMES.filter((name) => !known.includes(name)).map(
      (name) => new SyncError(name as ErrorName, 'confidential', { details: { confidential: 1 } }),
    ),
    new TypeError('confidential'),
    'confidential',
    undefined,
  ])('contains only the request id for any other error: %s', (error) => {
    expect(problemOf(error, 'request-1')).toMatchObject({ statusCode: 500, headers: PROBLEM });
    expect(bodyOf(error)).toEqual({
      type: 'about:blank',
      status: 500,
      title: 'Internal error',
      code: 'INTERNAL_ERROR',
      requestId: 'request-1',
    });
  });
});

const Options = z.strictObject({ count: z.number().optional(), dryRun: z.boolean().optional() });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe("a request's body", () => {
  it.each([
    ['is absent', { isBase64Encoded: false }],
    ['is empty', { body: '', isBase64Encoded: false }],
    ['is blank', { body: ' \n', isBase64Encoded: false }],
    ['is empty and encoded', { body: '', isBase64Encoded: true }],
    ['is an empty object', { body: '{}', isBase64Encoded: false }],
  ])('that %s has no options', (_, event) => {
    expect(parseBody(event, Options)).toEqual({});
  });

  it.each([
    ['plain', { body: '{"dryRun":true}', isBase64Encoded: false }],
    ['encoded', { body: base64('{"dryRun":true}'), isBase64Encoded: true }],
  ])('is parsed as JSON, %s', (_, event) => {
    expect(parseBody(event, Options)).toEqual({ dryRun: true });
  });

  it.each([
    ['is not JSON', 'dryRun=true', /^the body is not JSON$/],
    ['is truncated', '{"dryRun":', /^the body is not JSON$/],
    ['has an unknown option', '{"dryRum":true}', /^unknown option dryRum$/],
    ['has a very long unknown option', `{"${'x'.repeat(4_000_000)}":true}`, /^unknown option x{85}…$/],
    [
      'has many unknown options',
      JSON.stringify({ ...Array(5_000).fill(0) }),
      /^(unknown option \d(; )?){10}$/,
    ],
    ['has an option twice', '{"dryRun":true,"dryRun":false}', /^dryRun is given more than once$/],
    [
      'has an option twice, once escaped',
      '{"dryRun":true,"dry\\u0052un":false}',
      /^dryRun is given more than once$/,
    ],
    ['has an option of the wrong type', '{"dryRun":"yes"}', /^dryRun: /],
    ['has several faults, all of which are reported', '{"dryRun":1,"count":"x"}', /^count: .*; dryRun: /],
    ['is a list', '[]', /expected object/],
    ['is a list in a list, 50,000 times', nested(50_000), /expected object/],
    ['has such an option', `{"dryRun":${nested(50_000)}}`, /^dryRun: /],
    ['has such an unknown option', `{"x":${nested(50_000)}}`, /^unknown option x$/],
    ['is null', 'null', /expected object/],
  ])('that %s is rejected', (_, body, message) => {
    for (const event of [
      { body, isBase64Encoded: false },
      { body: base64(body), isBase64Encoded: true },
    ]) {
      const parse = () => parseBody(event, Options);
      expect(parse).toThrow(
        expect.objectContaining({ name: 'RequestInvalid', message: expect.stringMatching(message) }),
      );
    }
  });
});

describe('an item bank id in a path', () => {
  it.each([
    ['1', 1],
    ['9007199254740991', 2 ** 53 - 1],
  ])('may be %s', (text, id) => {
    expect(parseItemBankId({ pathParameters: { itemBankId: text } })).toBe(id);
  });

  it.each(['0', '01', '-1', '1.5', '1e3', '9007199254740992', 'item-1', ' 1', ''])(
    'may not be "%s"',
    (text) => {
      expect(() => parseItemBankId({ pathParameters: { itemBankId: text } })).toThrow(
        expect.objectContaining({ name: 'RequestInvalid' }),
      );
    },
  );
});
