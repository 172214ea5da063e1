import { describe, expect, it } from 'vitest';
import { nameAwsTrouble } from '../../../../functions/shared/aws-errors.ts';
import { SyncError } from '../../../../functions/shared/errors.ts';

/** What the SDK throws. */
const failure = (name: string, facts: object) => Object.assign(new Error('why'), { name, ...facts });

describe('a failure of AWS', () => {
  it.each([
    ['that the client has tried to get over', failure('ThrottlingException', { $metadata: { attempts: 3 } })],
    ['without an answer', failure('TimeoutError', { $metadata: { attempts: 3 } })],
    ['of the service', failure('InternalServerError', { $fault: 'server', $metadata: { attempts: 1 } })],
    [
      'that Powertools wraps',
      new Error('why', { cause: failure('InternalServiceError', { $metadata: { attempts: 3 } }) }),
    ],
  ])('%s may pass, and is named so', (_, error) => {
    const named = nameAwsTrouble(error);
    expect(named).toMatchObject({ name: 'AwsUnavailable', retry: 'later', cause: error });
    expect(String(named)).toMatch(/^AwsUnavailable: \w+: why$/);
  });

  it.each([
    ['a refusal', failure('AccessDeniedException', { $fault: 'client', $metadata: { attempts: 1 } })],
    ['an error of ours', new SyncError('RowMissing', 'why')],
    ['a fault of the program', new TypeError('why')],
    ['no error at all', 'why'],
  ])('is none: %s', (_, error) => {
    expect(nameAwsTrouble(error)).toBe(error);
  });
});
