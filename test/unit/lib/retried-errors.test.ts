import { expect, it } from 'vitest';
import { RETRIED_ERRORS } from '../../../lib/workflow-definition.ts';
import { ERROR_NAMES } from '../../support/error-names.ts';

it('what is repeated because Lambda failed is no error of ours', () => {
  expect(RETRIED_ERRORS.filter((name) => ERROR_NAMES.includes(name))).toEqual([]);
  for (const name of RETRIED_ERRORS) expect(name).toMatch(/^(Lambda\.|Sandbox\.)/);
  // They would match ours too.
  expect(RETRIED_ERRORS).not.toContain('States.ALL');
  expect(RETRIED_ERRORS).not.toContain('States.TaskFailed');
});
