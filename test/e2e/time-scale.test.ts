import { expect, it } from 'vitest';
import { useCommands } from '../support/commands.ts';

const { run } = useCommands();

const HOUR_MS = 3_600_000;
/** More than GitHub lets a client create within an hour. */
const MISSING = '480';

it('with a time scale of 120, a run waits for the next hour of GitHub in half a minute, and no request is refused', async () => {
  const { code, stdout, stderr } = await run(['sync'], {
    TIME_SCALE: '120',
    GITHUB_LIMITS: 'published',
    ITEM_BANK_SIZE: MISSING,
    ITEM_BANK_WITHOUT_WEBHOOK: MISSING,
  });
  expect(stderr).toContain('Time runs 120 times as fast: an hour takes 30 s.');
  expect(stdout).toMatch(
    /waiting until .* \(rate limited\): 475 webhooks were written, and GitHub allows 500 writes an hour/,
  );
  expect(stdout).toMatch(/requests: 485 reads \(485 forecast\), \d+ GraphQL queries \(\d+\), 480 writes$/m);
  expect(stdout).toContain(`number of items requiring project webhook: ${MISSING}, created: ${MISSING}`);
  expect(code).toBe(0);
  const times = stdout.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/gm) ?? [];
  const [first, last] = [times.at(0), times.at(-1)].map((time) => Date.parse(`${time}Z`));
  expect(Number(last) - Number(first)).toBeGreaterThan(HOUR_MS);
});
