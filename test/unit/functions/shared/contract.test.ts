import { describe, expect, expectTypeOf, it } from 'vitest';
import { isSecureUrl } from '../../../../functions/shared/contract/environment.ts';
import {
  type ItemBankId,
  itemBankId,
  type JobExecutionId,
  jobExecutionId,
} from '../../../../functions/shared/contract/ids.ts';

describe('an id', () => {
  it.each([1, 2 ** 53 - 1])('accepts %d', (value) => {
    expect(itemBankId(value)).toBe(value);
    expect(jobExecutionId(value)).toBe(value);
  });

  it.each([0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('rejects %d', (value) => {
    expect(() => itemBankId(value)).toThrow(RangeError);
    expect(() => jobExecutionId(value)).toThrow(`${value} is not a job execution id`);
  });

  it('of one kind is not assignable to the other', () => {
    expectTypeOf<ItemBankId>().not.toExtend<JobExecutionId>();
    expectTypeOf<number>().not.toExtend<ItemBankId>();
  });
});

describe('a URL', () => {
  it.each([
    'https://api.github.com',
    'http://localhost:4530',
    'http://127.0.0.1:4530/api/v3',
    'http://[::1]:4530',
  ])('is secure: %s', (url) => {
    expect(isSecureUrl(url)).toBe(true);
  });

  it.each([
    'http://api.github.com',
    'http://localhost.example.org',
    'http://127.0.0.1.example.org',
    'http://127.0.0.1@example.org',
    'http://0.0.0.0',
    'ftp://localhost',
    'api.github.com',
    '',
  ])('is not secure: "%s"', (url) => {
    expect(isSecureUrl(url)).toBe(false);
  });
});
