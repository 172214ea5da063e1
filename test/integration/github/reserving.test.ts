import { expect, it } from 'vitest';
import { createGitHub, type GitHub } from '../../../functions/github/github.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { DeferredError } from '../../../functions/shared/deferral.ts';
import { ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';

const readOrganization = ({ rest }: GitHub) => rest.orgs.get({ org: ORGANIZATION });

/** Reads until a request throws. @returns what was thrown. */
async function readUntilError(github: GitHub): Promise<unknown> {
  for (;;) {
    try {
      await readOrganization(github);
    } catch (error) {
      return error;
    }
  }
}

it('clients that share a token leave the reserve to others, and continue in the next hour', async () => {
  const clock = createClock();
  const bank = await startBank({
    repositories: 1,
    withoutProjectWebhook: 0,
    token: 'shared',
    limits: { restRequestsPerHour: 50, restPointsPerMinute: 1e6 },
    now: clock.now,
  });
  const limits = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6 };
  const connect = () => createGitHub({ apiUrl: bank.site.url, token: 'shared', limits, workers: 2, clock });
  const clients = [connect(), connect()];

  const errors = await Promise.all(clients.map(readUntilError));
  // Both clients may have had a request in flight when the last unreserved one was used.
  expect([40, 41]).toContain(bank.requests(ROUTES.organization));
  expect(bank.site.traffic.usage()).toMatchObject({ forbidden: 0, tooManyRequests: 0 });
  const resumeAt = new Date(clock.now().getTime() + HOUR_MS);
  for (const error of errors) {
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({ deferral: { kind: 'rate-limited', resumeAt } });
  }

  clock.set(resumeAt);
  await Promise.all(clients.map(readOrganization));
  expect(bank.requests(ROUTES.organization)).toBe(2);
});
