import { describe, expect, it } from 'vitest';
import {
  type FoundChange,
  judgeAfterCheck,
  judgeChange,
} from '../../../../functions/webhooks/missed-delivery.ts';

const WEBHOOK = { state: 'created', id: 7, checkedAt: '2026-11-20T09:00:00.000Z' } as const;
const CHANGE: FoundChange = {
  verifiedAt: '2026-11-22T09:00:00.000Z',
  isSameBranch: true,
  pushedAt: '2026-11-23T08:45:00.000Z',
  readAt: new Date('2026-11-23T09:00:00.000Z'),
  webhook: WEBHOOK,
};

describe('a change that a run found', () => {
  it('should have been announced if the webhook was there before it, and it is old enough', () => {
    expect(judgeChange(CHANGE)).toBe('missed');
    expect(judgeChange({ ...CHANGE, webhook: { ...WEBHOOK, state: 'repaired' } })).toBe('missed');
    expect(judgeChange({ ...CHANGE, verifiedAt: WEBHOOK.checkedAt })).toBe('missed');
  });

  it.each<[string, Partial<FoundChange>]>([
    ['a delivery may be on its way', { pushedAt: '2026-11-23T08:45:00.001Z' }],
    ['the mirror was compared after the push', { verifiedAt: '2026-11-23T08:45:00.000Z' }],
    ['GitHub does not say when the push was', { pushedAt: undefined }],
    ['the mirror could not compare the item before', { verifiedAt: undefined }],
    ['the webhook was created after the mirror was last right', { verifiedAt: '2026-11-20T08:59:59.999Z' }],
    ['nothing is known of the webhook', { webhook: undefined }],
    ['the webhook was never checked', { webhook: { state: 'present' } }],
    ['the webhook was missing', { webhook: { ...WEBHOOK, state: 'missing' } }],
    ['the webhook differed', { webhook: { ...WEBHOOK, state: 'differs' } }],
    ['the credentials may not see the webhook', { webhook: { ...WEBHOOK, state: 'forbidden' } }],
    ['another branch is followed now', { isSameBranch: false }],
  ])('is not judged if %s', (_, changes) => {
    expect(judgeChange({ ...CHANGE, ...changes })).toBe('unknown');
  });
});

describe('the check of the webhook', () => {
  const failure = { reason: 'GITHUB_ERROR', message: 'no answer' } as const;

  it.each(['missing', 'differs', 'archived', 'forbidden'] as const)('explains a change: %s', (found) => {
    expect(judgeAfterCheck('missed', { found })).toBeUndefined();
    expect(judgeAfterCheck('unknown', { found })).toBeUndefined();
  });

  it('leaves the judgment as it is if it finds nothing wrong, or was left to a later run', () => {
    expect(judgeAfterCheck('missed', { found: 'present' })).toBe('missed');
    expect(judgeAfterCheck('missed', { found: 'unchecked' })).toBe('missed');
    expect(judgeAfterCheck('unknown', { found: 'present' })).toBe('unknown');
  });

  it('leaves the change unjudged if it fails', () => {
    expect(judgeAfterCheck('missed', { found: 'unchecked', failure })).toBe('unknown');
  });
});
