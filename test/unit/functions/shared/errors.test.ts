import { describe, expect, it } from 'vitest';
import {
  ERRORS_OF_THE_RUN,
  type ErrorName,
  PASSING_ERRORS,
} from '../../../../functions/shared/contract/errors.ts';
import { isSyncError, SyncError } from '../../../../functions/shared/errors.ts';
import { ERROR_NAMES } from '../../../support/error-names.ts';
import { readSources } from '../../../support/sources.ts';

describe('an error', () => {
  it.each([
    ['JobExecutionAlreadyRunning', 'JOB_ALREADY_RUNNING', 'later'],
    ['ExecutionSuperseded', 'EXECUTION_SUPERSEDED', 'never'],
    ['ExecutionNotStarted', 'EXECUTION_NOT_STARTED', 'later'],
    ['GitHubCredentialsRejected', 'GITHUB_CREDENTIALS_REJECTED', 'never'],
    ['GitHubSecretInvalid', 'GITHUB_SECRET_INVALID', 'never'],
    ['OrganizationNotFound', 'ORGANIZATION_NOT_FOUND', 'never'],
    ['GitHubUnavailable', 'GITHUB_UNAVAILABLE', 'later'],
    ['GitHubRedirected', 'GITHUB_REDIRECTED', 'never'],
    ['GitHubRefused', 'GITHUB_REFUSED', 'never'],
    ['AwsUnavailable', 'AWS_UNAVAILABLE', 'later'],
    ['RowMissing', 'ROW_MISSING', 'never'],
    ['RowTooNew', 'ROW_TOO_NEW', 'never'],
    ['RowInvalid', 'ROW_INVALID', 'never'],
    ['RequestInvalid', 'REQUEST_INVALID', 'never'],
    ['SignatureInvalid', 'SIGNATURE_INVALID', 'never'],
    ['RequestTooLarge', 'REQUEST_TOO_LARGE', 'never'],
    ['DeliveryNotQueued', 'DELIVERY_NOT_QUEUED', 'later'],
    ['ConfigurationInvalid', 'CONFIGURATION_INVALID', 'never'],
  ] as const)('%s has a stable code and says whether a retry helps', (name, code, retry) => {
    expect(new SyncError(name, 'why')).toMatchObject({ name, code, retry, message: 'why', details: {} });
  });

  it.each([
    ['RequestInvalid', true],
    ['ItemNotFound', true],
    ['ItemBankIdUnknown', true],
    ['JobExecutionAlreadyRunning', true],
    ['GitHubUnavailable', false],
  ] as const)('%s says whether its caller caused it: %s', (name, isCallers) => {
    expect(new SyncError(name, 'why')).toMatchObject({ isCallers });
  });

  it('keeps its cause and its details', () => {
    const cause = new Error('below');
    const error = new SyncError('RowMissing', 'why', { cause, details: { jobExecutionId: 1 } });
    expect(error).toMatchObject({ cause, details: { jobExecutionId: 1 } });
    expect(String(error)).toBe('RowMissing: why');
  });

  it('is recognized by its name', () => {
    const error = new SyncError('RowMissing', 'why');
    expect(isSyncError(error)).toBe(true);
    expect(isSyncError(error, 'RowMissing')).toBe(true);
    expect(isSyncError(error, 'RequestInvalid')).toBe(false);
    expect(isSyncError(new Error('RowMissing'))).toBe(false);
    expect(isSyncError(undefined)).toBe(false);
  });
});

describe('the named errors', () => {
  it('are retried later if they pass by themselves, and never if they end the run', () => {
    const retryOf = (name: ErrorName) => new SyncError(name, 'why').retry;
    expect(new Set(PASSING_ERRORS.map(retryOf))).toEqual(new Set(['later']));
    expect(new Set(ERRORS_OF_THE_RUN.map(retryOf))).toEqual(new Set(['never']));
  });

  it('are exactly those that the code throws', async () => {
    const sources = await readSources(['functions']);
    const thrown = sources.flatMap(({ text }) =>
      [...text.matchAll(/new SyncError\(\s*'(\w+)'/g)].map(([, name]) => name as ErrorName),
    );
    expect([...new Set(thrown)].sort()).toEqual(ERROR_NAMES.toSorted());
  });
});
