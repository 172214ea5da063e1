import { describe, expect, it } from 'vitest';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import { knownAfterCheck, type WebhookCheck } from '../../../../functions/webhooks/check-webhook.ts';
import { type RepositoryCheck, webhookToRemember } from '../../../../functions/webhooks/check-webhooks.ts';

const AT = new Date('2026-11-23T09:00:00.000Z');
const checkedAt = AT.toISOString();
const KNOWN: KnownWebhook = {
  state: 'created',
  id: 7,
  secretVersion: 'v1',
  checkedAt: '2026-11-22T09:00:00.000Z',
};
const FAILURE = { reason: 'GITHUB_ERROR', message: 'unusable' } as const;

describe('a check of a webhook', () => {
  it('that found it remembers its id and the version of its secret', () => {
    const check = { id: 7, secretVersion: 'v1' };
    expect(knownAfterCheck(undefined, { found: 'present', ...check }, AT)).toEqual({
      state: 'present',
      ...check,
      checkedAt,
    });
    expect(knownAfterCheck(KNOWN, { found: 'present', id: 8 }, AT)).toEqual({
      state: 'present',
      id: 8,
      checkedAt,
    });
    const differing: WebhookCheck = { found: 'differs', differs: ['active'], others: [8], ...check };
    expect(knownAfterCheck(KNOWN, differing, AT)).toEqual({ state: 'differs', ...check, checkedAt });
  });

  it('that found what is known already has nothing to remember', () => {
    for (const state of ['created', 'repaired', 'present'] as const) {
      const check = { found: 'present', id: 7, secretVersion: 'v1' } as const;
      expect(knownAfterCheck({ ...KNOWN, state }, check, AT)).toBeUndefined();
    }
    const missing: KnownWebhook = { state: 'missing', checkedAt };
    expect(knownAfterCheck(missing, { found: 'missing' }, AT)).toBeUndefined();
  });

  it('of a repaired webhook records that a delivery was accepted since', () => {
    const check: WebhookCheck = { found: 'present', id: 7, secretVersion: 'v1', isAccepted: true };
    expect(knownAfterCheck({ ...KNOWN, state: 'repaired' }, check, AT)).toEqual({
      ...KNOWN,
      state: 'present',
      checkedAt,
    });
    expect(knownAfterCheck(KNOWN, check, AT)).toBeUndefined();
  });

  it('that found none forgets what was known', () => {
    expect(knownAfterCheck(KNOWN, { found: 'missing' }, AT)).toEqual({ state: 'missing', checkedAt });
  });

  it('that was forbidden keeps what was known', () => {
    const forbidden = { found: 'forbidden', failure: { ...FAILURE, reason: 'FORBIDDEN' } } as const;
    expect(knownAfterCheck(KNOWN, forbidden, AT)).toEqual({ ...KNOWN, state: 'forbidden', checkedAt });
    expect(knownAfterCheck({ state: 'unchecked' }, forbidden, AT)).toEqual({ state: 'forbidden', checkedAt });
  });

  it('that failed makes the webhook count as never checked', () => {
    const failed = { found: 'unchecked', failure: FAILURE } as const;
    const unchecked = { state: 'unchecked', id: 7, secretVersion: 'v1' } as const;
    expect(knownAfterCheck(KNOWN, failed, AT)).toEqual(unchecked);
    expect(knownAfterCheck(unchecked, failed, AT)).toBeUndefined();
    expect(knownAfterCheck(undefined, failed, AT)).toBeUndefined();
  });

  it('that did not take place has nothing to remember', () => {
    expect(knownAfterCheck(KNOWN, { found: 'unchecked' }, AT)).toBeUndefined();
    expect(knownAfterCheck(KNOWN, { found: 'archived' }, AT)).toBeUndefined();
  });

  it('does not overwrite what was remembered after it began', () => {
    const remember: KnownWebhook = { state: 'missing', checkedAt };
    const check: RepositoryCheck = { found: 'missing', startedAt: AT.getTime(), known: undefined, remember };
    const later: KnownWebhook = { ...KNOWN, checkedAt: '2026-11-23T09:00:00.001Z' };
    expect(webhookToRemember(check, later)).toBeUndefined();
    expect(webhookToRemember(check, KNOWN)).toBe(remember);
    expect(webhookToRemember(check, undefined)).toBe(remember);
  });

  it('counts what it did not know as later in the same millisecond', () => {
    const remember: KnownWebhook = { state: 'missing', checkedAt };
    const created: KnownWebhook = { ...KNOWN, checkedAt };
    const check = { found: 'missing', startedAt: AT.getTime(), remember } as const;
    expect(webhookToRemember({ ...check, known: KNOWN }, created)).toBeUndefined();
    expect(webhookToRemember({ ...check, known: created }, created)).toBe(remember);
  });
});
