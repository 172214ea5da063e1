import { expect, it } from 'vitest';
import { whyFailed } from '../../../../local/follow-run.ts';

const sentence = 'GET /orgs/bank/repos: no answer (connection refused)';

it.each([
  [
    'a function that failed, without its stack trace',
    {
      status: 'FAILED',
      error: 'GitHubUnavailable',
      cause: JSON.stringify({
        errorType: 'GitHubUnavailable',
        errorMessage: sentence,
        trace: ['at list (1:1)'],
      }),
    },
    `GitHubUnavailable: ${sentence}`,
  ],
  ['an operator', { status: 'ABORTED', error: 'Operator', cause: 'maintenance' }, 'Operator: maintenance'],
  ['an operator who gave no reason', { status: 'ABORTED', error: undefined, cause: undefined }, 'ABORTED'],
  ['JSON of another kind', { status: 'FAILED', error: 'E', cause: '{"a":1}' }, 'E: {"a":1}'],
] as const)('the summary of a failed run names %s', (_, execution, why) => {
  expect(whyFailed(execution)).toBe(why);
});
