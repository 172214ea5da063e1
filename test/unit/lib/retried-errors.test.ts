import { expect, it } from 'vitest';
import { RETRIED_ERRORS } from '../../../lib/workflow-definition.ts';
import { ERROR_NAMES } from '../../support/error-names.ts';

it('retries on errors of the Lambda service, and on none of our own', () => {
  expect(RETRIED_ERRORS.filter((name) => ERROR_NAMES.includes(name))).toEqual([]);
  for (const name of RETRIED_ERRORS) expect(name).toMatch(/^(Lambda\.|Sandbox\.|Runtime\.)/);
  // These match our errors as well.
  expect(RETRIED_ERRORS).not.toContain('States.ALL');
  expect(RETRIED_ERRORS).not.toContain('States.TaskFailed');
});
