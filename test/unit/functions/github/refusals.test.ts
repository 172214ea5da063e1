import { describe, expect, it } from 'vitest';
import {
  createRefusals,
  isAboutLimits,
  isExplained,
  type Refusals,
} from '../../../../functions/github/refusals.ts';
import { type Clock, createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';

const minutesUntil = (resumeAt: Date | undefined, clock: Clock) =>
  resumeAt && (resumeAt.getTime() - clock.now().getTime()) / MINUTE_MS;

describe('the message of a refusal', () => {
  it.each([
    'API rate limit exceeded for user ID 1.',
    'API rate limit already exceeded for user ID 1.',
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    'You have exceeded a secondary rate limit and have been temporarily blocked from content creation.',
    'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.',
    'You have triggered an abuse detection mechanism and have been temporarily blocked from calling the API.',
    'You have been temporarily blocked from content creation. Please retry your request again later.',
    'You have exceeded a secondary quota.',
    'Maximum number of login attempts exceeded. Please try again later.',
    'Too many requests',
    'was submitted too quickly',
    'Forbidden - https://developer.github.com/v3/#abuse-rate-limits',
    'Forbidden - https://docs.github.com/rest/overview/resources-in-the-rest-api#secondary-rate-limits',
    'Forbidden - https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting',
    'Forbidden - https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    '<html><title>Rate limit &middot; GitHub</title>',
    '<html><p>You have triggered an abuse detection mechanism.</p>',
  ])('is about rate limits: %s', (message) => {
    expect(isAboutLimits(message)).toBe(true);
  });

  it.each([
    'Forbidden',
    'Resource not accessible by integration',
    'Resource limits for this query exceeded.',
    // The documentation of an endpoint, not of a limit.
    'Forbidden - https://docs.github.com/rest/rate-limit/rate-limit#get-rate-limit-status',
    '<html>Our proxy is busy, try again later</html>',
  ])('is not about rate limits: %s', (message) => {
    expect(isAboutLimits(message)).toBe(false);
  });

  it.each([
    'You do not have access to this organization membership.',
    'Resource not accessible by integration',
    'Resource not accessible by personal access token',
    'Must have admin rights to Repository.',
    'You must be an organization owner to do this.',
    'Resource protected by organization SAML enforcement. You must grant your token access.',
    'Although you appear to have the correct authorization credentials, the `bank` organization has an IP allow list enabled',
    '`bank` forbids access via a personal access token (classic).',
    'Repository access blocked',
    'This installation has been suspended',
    'Repository was archived so is read-only.',
    'Write access to repository not granted.',
    'Upgrade to GitHub Pro or make this repository public to enable this feature.',
  ])('explains the refusal: %s', (message) => {
    expect(isExplained(message)).toBe(true);
  });

  it.each(['Forbidden', 'No', ''])('explains nothing: "%s"', (message) => {
    expect(isExplained(message)).toBe(false);
  });
});

describe('waits after limits without a time', () => {
  it('are the same for all requests that meet the same limit', () => {
    const [refusals, clock] = [createRefusals(), createClock()];
    const first = refusals.resumeAfterLimit(clock);
    clock.advance(MINUTE_MS - 1);
    expect(refusals.resumeAfterLimit(clock)).toEqual(first);
    clock.advance(1);
    expect(minutesUntil(refusals.resumeAfterLimit(clock), clock)).toBe(2);
  });

  it.each([
    ['grow if the limit is met ten minutes after the last wait', 10 * MINUTE_MS, 2],
    ['begin again with a minute if it is met later', 10 * MINUTE_MS + 1, 1],
  ])('%s', (_, laterMs, minutes) => {
    const [refusals, clock] = [createRefusals(), createClock()];
    clock.set(refusals.resumeAfterLimit(clock));
    clock.advance(laterMs);
    expect(minutesUntil(refusals.resumeAfterLimit(clock), clock)).toBe(minutes);
  });
});

describe('refusals without an explanation', () => {
  const refuse = (refusals: Refusals, clock: Clock, repository: string | undefined, message = 'Forbidden') =>
    minutesUntil(refusals.resumeAfterSuspicion({ repository, message }, clock), clock);

  it('may be a limit from the third repository on', () => {
    const [refusals, clock] = [createRefusals(), createClock()];
    expect(['a', 'a', 'b', 'b', 'c', 'a'].map((repository) => refuse(refusals, clock, repository))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      1,
      1,
    ]);
  });

  it('are no limit if their messages differ', () => {
    const [refusals, clock] = [createRefusals(), createClock()];
    const waits = ['a', 'b', 'c', 'd'].map((name) => refuse(refusals, clock, name, `${name} is forbidden`));
    expect(waits).toEqual(Array(4).fill(undefined));
  });

  it('are no limit if GitHub answers other requests between them', () => {
    const [refusals, clock] = [createRefusals(), createClock()];
    const waits = ['a', 'b', 'c', 'd'].map((repository) => {
      refusals.succeeded();
      return refuse(refusals, clock, repository);
    });
    expect(waits).toEqual(Array(4).fill(undefined));
  });

  it('may be a limit at once if they concern many repositories', () => {
    expect(refuse(createRefusals(), createClock(), undefined)).toBe(1);
  });

  it.each([
    ['a missing permission within an hour', HOUR_MS, undefined],
    ['a limit again after it', HOUR_MS + 1, 1],
  ])('are, after two waits, %s', (_, laterMs, minutes) => {
    const [refusals, clock] = [createRefusals(), createClock()];
    for (const wait of [1, 2]) {
      expect(refuse(refusals, clock, undefined)).toBe(wait);
      clock.advance(wait * MINUTE_MS);
    }
    clock.advance(laterMs);
    expect(refuse(refusals, clock, undefined)).toBe(minutes);
  });
});
