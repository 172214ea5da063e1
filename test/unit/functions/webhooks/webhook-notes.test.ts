import { describe, expect, it } from 'vitest';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import { noteAfter, noteOfWaiting } from '../../../../functions/webhooks/webhook-notes.ts';
import type { WebhookCheck } from '../../../../functions/webhooks/webhooks.ts';

const AT = new Date('2026-11-23T09:00:00.000Z');
const checkedAt = AT.toISOString();
const KNOWN: KnownWebhook = {
  state: 'created',
  id: 7,
  secretVersion: 'v1',
  checkedAt: '2026-11-22T09:00:00.000Z',
};
const TROUBLE = { reason: 'GITHUB_ERROR', message: 'of no use' } as const;

describe('what is remembered of a webhook', () => {
  it('that was found is its id and whose secret it has', () => {
    const check = { id: 7, secretVersion: 'v1' };
    expect(noteAfter(KNOWN, { found: 'present', ...check }, AT)).toEqual({
      state: 'present',
      ...check,
      checkedAt,
    });
    const differing: WebhookCheck = { found: 'differs', differs: ['active'], others: [8], ...check };
    expect(noteAfter(KNOWN, differing, AT)).toEqual({ state: 'differs', ...check, checkedAt });
  });

  it('that is gone is nothing of it', () => {
    expect(noteAfter(KNOWN, { found: 'missing' }, AT)).toEqual({ state: 'missing', checkedAt });
  });

  it('that is hidden is what was known before', () => {
    const hidden = { found: 'forbidden', trouble: { ...TROUBLE, reason: 'FORBIDDEN' } } as const;
    expect(noteAfter(KNOWN, hidden, AT)).toEqual({ ...KNOWN, state: 'forbidden', checkedAt });
    const waiting = noteOfWaiting(undefined, AT);
    expect(noteAfter(waiting, hidden, AT)).toEqual({ state: 'forbidden', checkedAt });
  });

  it('stays where a look failed, or there was none', () => {
    expect(noteAfter(KNOWN, { found: 'unchecked', trouble: TROUBLE }, AT)).toBeUndefined();
    expect(noteAfter(KNOWN, { found: 'archived' }, AT)).toBeUndefined();
    expect(noteOfWaiting(KNOWN, AT)).toBeUndefined();
  });

  it('that nobody has looked at is since when it waits', () => {
    expect(noteOfWaiting(undefined, AT)).toEqual({ state: 'unchecked', metAt: checkedAt });
  });
});
