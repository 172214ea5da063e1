import { describe, expect, it } from 'vitest';
import { nameAwsFailure } from '../../../../functions/shared/aws-errors.ts';
import { SyncError } from '../../../../functions/shared/errors.ts';

/** An error as the SDK throws it. */
const failure = (name: string, facts: object) => Object.assign(new Error('why'), { name, ...facts });

describe('a failure of AWS', () => {
  it.each([
    ['that the client retried', failure('ThrottlingException', { $metadata: { attempts: 3 } })],
    ['without an answer', failure('TimeoutError', { $metadata: { attempts: 3 } })],
    ['of the service', failure('InternalServerError', { $fault: 'server', $metadata: { attempts: 1 } })],
    [
      'of a write that met a transaction',
      failure('TransactionConflictException', { $fault: 'client', $metadata: { attempts: 1 } }),
    ],
    [
      'that Powertools wraps',
      new Error('why', { cause: failure('InternalServiceError', { $metadata: { attempts: 3 } }) }),
    ],
  ])('%s gets the name AwsUnavailable', (_, error) => {
    const named = nameAwsFailure(error);
    expect(named).toMatchObject({ name: 'AwsUnavailable', retry: 'later', cause: error });
    expect(String(named)).toMatch(/^AwsUnavailable: \w+: why$/);
  });

  it.each([
    [
      'a request that AWS refused',
      failure('AccessDeniedException', { $fault: 'client', $metadata: { attempts: 1 } }),
    ],
    ['an error of ours', new SyncError('RowMissing', 'why')],
    [
      'an error of ours with a failure of AWS as its cause',
      new SyncError('DeliveryNotQueued', 'why', {
        cause: failure('ThrottlingException', { $metadata: { attempts: 3 } }),
      }),
    ],
    ['an error of the program', new TypeError('why')],
    ['a thrown text', 'why'],
  ])('does not rename %s', (_, error) => {
    expect(nameAwsFailure(error)).toBe(error);
  });
});
