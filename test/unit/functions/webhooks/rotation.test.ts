import { describe, expect, it } from 'vitest';
import { type ItemBankId, itemBankId } from '../../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../../functions/shared/contract/repositories.ts';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import { knownAfterCheck } from '../../../../functions/webhooks/check-webhook.ts';
import { chooseByRotation } from '../../../../functions/webhooks/rotation.ts';

type Known = Map<ItemBankId, KnownWebhook | undefined>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date('2026-11-23T09:00:00.000Z');
const SMALLEST_SHARE = 1 / 7;

const ago = (days: number): string => new Date(NOW.getTime() - days * DAY_MS).toISOString();
const checked = (days: number, state: KnownWebhook['state'] = 'present'): KnownWebhook => ({
  state,
  checkedAt: ago(days),
});

function batchOf(count: number, archived: readonly number[] = []): ListedRepository[] {
  return Array.from({ length: count }, (_, index) => ({
    itemBankId: itemBankId(index + 1),
    nodeId: `R_${index + 1}`,
    repositoryName: `item-${index + 1}`,
    archived: archived.includes(index + 1),
  }));
}

const knownWebhooks = (webhooks: readonly (KnownWebhook | undefined)[]): Known =>
  new Map(webhooks.map((webhook, index) => [itemBankId(index + 1), webhook]));

function choose(share: number, webhooks: readonly (KnownWebhook | undefined)[]): number[] {
  const batch = batchOf(webhooks.length);
  return [...chooseByRotation({ share, batch, since: NOW }, knownWebhooks(webhooks))].sort((a, b) => a - b);
}

describe('rotation chooses from a batch', () => {
  it('those never checked, then those checked longest ago, up to the share', () => {
    const webhooks = [checked(1), checked(3), undefined, checked(2), undefined];
    expect(choose(0.2, webhooks)).toEqual([3]);
    expect(choose(0.4, webhooks)).toEqual([3, 5]);
    expect(choose(0.41, webhooks)).toEqual([2, 3, 5]);
    expect(choose(0.7, webhooks)).toEqual([2, 3, 4, 5]);
    expect(choose(1, webhooks)).toEqual([1, 2, 3, 4, 5]);
  });

  it('those known to be missing or different, even beyond the share', () => {
    const webhooks = [
      undefined,
      checked(1, 'missing'),
      checked(1, 'differs'),
      checked(1, 'forbidden'),
      checked(2),
    ];
    expect(choose(0.2, webhooks)).toEqual([2, 3]);
    expect(choose(0.6, webhooks)).toEqual([1, 2, 3]);
  });

  it('those last checked, or first seen, about six nights ago', () => {
    const waiting = (days: number): KnownWebhook => ({ state: 'unchecked', metAt: ago(days) });
    expect(choose(0.1, [undefined, checked(5.5), waiting(5.5), checked(6), waiting(9)])).toEqual([
      2, 3, 4, 5,
    ]);
    expect(choose(0.1, [undefined, checked(5.4), waiting(5.4)])).toEqual([3]);
  });

  it('no archived one, and does not count these', () => {
    const rotation = { share: 0.5, batch: batchOf(4, [1, 2]), since: NOW };
    const known = knownWebhooks([checked(9), checked(1, 'missing'), checked(2), checked(1)]);
    expect([...chooseByRotation(rotation, known)]).toEqual([3]);
  });
});

/** Checks webhooks as a run does, and remembers what it found. */
function check(
  known: Known,
  chosen: Iterable<ItemBankId>,
  { at, found = 'present' }: { at: Date; found?: 'present' | 'missing' },
): void {
  for (const id of chosen) known.set(id, knownAfterCheck(known.get(id), { found }, at));
}

function rememberNew(known: Known, batch: readonly ListedRepository[], at: Date): void {
  const waiting: KnownWebhook = { state: 'unchecked', metAt: at.toISOString() };
  for (const { itemBankId: id } of batch) known.set(id, known.get(id) ?? waiting);
}

describe('a repeated invocation for a batch', () => {
  const webhooks = [
    undefined,
    checked(1, 'missing'),
    checked(6),
    checked(2),
    undefined,
    checked(3),
    checked(1),
  ];
  const batch = batchOf(webhooks.length);
  const later = new Date(NOW.getTime() + HOUR_MS);

  it.each([0.1, 2 / 7, 3 / 7, 4 / 7, 0.9])(
    'makes the same choice, wherever the first one stopped: share %d',
    (share) => {
      const first = chooseByRotation({ share, batch, since: NOW }, knownWebhooks(webhooks));
      for (const done of [...first].map((_, index) => [...first].slice(0, index + 1))) {
        const known = knownWebhooks(webhooks);
        check(known, done, { at: later });
        rememberNew(
          known,
          batch.filter((_, index) => index % 2 === 0),
          later,
        );
        expect(chooseByRotation({ share, batch, since: NOW }, known)).toEqual(first);
      }
    },
  );
});

/** @returns what each night's run checks. */
function simulate(
  nights: readonly Date[],
  { count, found }: { count: number; found: 'present' | 'missing' },
): Set<ItemBankId>[] {
  const known: Known = new Map();
  const batch = batchOf(count);
  return nights.map((since) => {
    const chosen = chooseByRotation({ share: SMALLEST_SHARE, batch, since }, known);
    // A run takes some hours.
    [...chosen].forEach((id, index) => {
      check(known, [id], { at: new Date(since.getTime() + (index % 4) * HOUR_MS), found });
    });
    rememberNew(known, batch, since);
    return chosen;
  });
}

const nightly = (count: number, delayHours: (night: number) => number): Date[] =>
  Array.from(
    { length: count },
    (_, night) => new Date(NOW.getTime() + night * DAY_MS + delayHours(night) * HOUR_MS),
  );

describe('seven consecutive nights with the smallest share', () => {
  it.each([
    ['at the same hour', (_: number) => 0, 100],
    ['at varying hours', (night: number) => [0, 5, -3, 2, -5, 4, 1][night % 7] ?? 0, 100],
    ['in a small bank', (_: number) => 0, 3],
    ['in a bank of one', (night: number) => night % 5, 1],
  ])('check each webhook at least once %s', (_, delayHours, count) => {
    const checks = simulate(nightly(60, delayHours), { count, found: 'present' });
    for (let night = 0; night + 7 <= checks.length; night += 1) {
      const seen = new Set(checks.slice(night, night + 7).flatMap((chosen) => [...chosen]));
      expect(seen.size).toBe(count);
    }
  });

  it('reach those never checked, even if all others are missing', () => {
    const checks = simulate(
      nightly(7, () => 0),
      { count: 100, found: 'missing' },
    );
    expect(new Set(checks.flatMap((chosen) => [...chosen])).size).toBe(100);
    expect(checks[0]?.size).toBe(15);
  });

  it('check about the share in each night', () => {
    const checks = simulate(
      nightly(60, () => 0),
      { count: 100, found: 'present' },
    );
    expect(checks[0]?.size).toBe(15);
    const steady = checks.slice(10).map(({ size }) => size);
    expect(steady.reduce((sum, size) => sum + size, 0) / steady.length).toBeLessThan(100 / 5.9);
  });
});

describe('a night after a week without runs', () => {
  it('checks all webhooks that are due', () => {
    const nights = [...nightly(8, () => 0), new Date(NOW.getTime() + 15 * DAY_MS)];
    const checks = simulate(nights, { count: 50, found: 'present' });
    expect(checks.at(-1)?.size).toBe(50);
  });
});
