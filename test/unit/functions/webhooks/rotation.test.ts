import { describe, expect, it } from 'vitest';
import { type ItemBankId, itemBankId } from '../../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../../functions/shared/contract/repositories.ts';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import { chooseTurns } from '../../../../functions/webhooks/rotation.ts';
import { noteAfter, noteOfWaiting } from '../../../../functions/webhooks/webhook-notes.ts';

type Known = Map<ItemBankId, KnownWebhook | undefined>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date('2026-11-23T09:00:00.000Z');
const LEAST_SHARE = 1 / 7;

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

const knowing = (notes: readonly (KnownWebhook | undefined)[]): Known =>
  new Map(notes.map((note, index) => [itemBankId(index + 1), note]));

function choose(share: number, notes: readonly (KnownWebhook | undefined)[]): number[] {
  const batch = batchOf(notes.length);
  return [...chooseTurns({ share, batch, since: NOW }, knowing(notes))].sort((a, b) => a - b);
}

describe('of a batch, those are looked at', () => {
  it('never looked at, and then longest not looked at, as far as the share goes', () => {
    const notes = [checked(1), checked(3), undefined, checked(2), undefined];
    expect(choose(0.2, notes)).toEqual([3]);
    expect(choose(0.4, notes)).toEqual([3, 5]);
    expect(choose(0.41, notes)).toEqual([2, 3, 5]);
    expect(choose(0.7, notes)).toEqual([2, 3, 4, 5]);
    expect(choose(1, notes)).toEqual([1, 2, 3, 4, 5]);
  });

  it('known to lack their webhook, or to have one that differs, beyond the share too', () => {
    const notes = [
      undefined,
      checked(1, 'missing'),
      checked(1, 'differs'),
      checked(1, 'forbidden'),
      checked(2),
    ];
    expect(choose(0.2, notes)).toEqual([2, 3]);
    expect(choose(0.6, notes)).toEqual([1, 2, 3]);
  });

  it('looked at six nights ago, or waiting since then, whatever the hour of the night', () => {
    const waiting = (days: number): KnownWebhook => ({ state: 'unchecked', metAt: ago(days) });
    expect(choose(0.1, [undefined, checked(5.5), waiting(5.5), checked(6), waiting(9)])).toEqual([
      2, 3, 4, 5,
    ]);
    expect(choose(0.1, [undefined, checked(5.4), waiting(5.4)])).toEqual([3]);
  });

  it('and never an archived one, which does not count either', () => {
    const turns = { share: 0.5, batch: batchOf(4, [1, 2]), since: NOW };
    const notes = knowing([checked(9), checked(1, 'missing'), checked(2), checked(1)]);
    expect([...chooseTurns(turns, notes)]).toEqual([3]);
  });
});

/** Looks at some as a run does, and notes what it saw. */
function lookAt(
  known: Known,
  chosen: Iterable<ItemBankId>,
  { at, found = 'present' }: { at: Date; found?: 'present' | 'missing' },
): void {
  for (const id of chosen) known.set(id, noteAfter(known.get(id), { found }, at));
}

function noteWaiting(known: Known, batch: readonly ListedRepository[], at: Date): void {
  for (const { itemBankId: id } of batch) known.set(id, known.get(id) ?? noteOfWaiting(undefined, at));
}

describe('an invocation that goes on with a batch', () => {
  const notes = [undefined, checked(1, 'missing'), checked(6), checked(2), undefined, checked(3), checked(1)];
  const batch = batchOf(notes.length);
  const later = new Date(NOW.getTime() + HOUR_MS);

  it.each([0.1, 2 / 7, 3 / 7, 4 / 7, 0.9])(
    'has the choice of the first, wherever that one stopped: %d',
    (share) => {
      const first = chooseTurns({ share, batch, since: NOW }, knowing(notes));
      for (const done of [...first].map((_, index) => [...first].slice(0, index + 1))) {
        const known = knowing(notes);
        lookAt(known, done, { at: later });
        noteWaiting(
          known,
          batch.filter((_, index) => index % 2 === 0),
          later,
        );
        expect(chooseTurns({ share, batch, since: NOW }, known)).toEqual(first);
      }
    },
  );
});

/** So many nights, each begun at that hour; tells which were looked at in each. */
function simulate(
  nights: readonly Date[],
  { count, found }: { count: number; found: 'present' | 'missing' },
): Set<ItemBankId>[] {
  const known: Known = new Map();
  const batch = batchOf(count);
  return nights.map((since) => {
    const chosen = chooseTurns({ share: LEAST_SHARE, batch, since }, known);
    // A run takes some hours.
    [...chosen].forEach((id, index) => {
      lookAt(known, [id], { at: new Date(since.getTime() + (index % 4) * HOUR_MS), found });
    });
    noteWaiting(known, batch, since);
    return chosen;
  });
}

const nightly = (count: number, delayHours: (night: number) => number): Date[] =>
  Array.from(
    { length: count },
    (_, night) => new Date(NOW.getTime() + night * DAY_MS + delayHours(night) * HOUR_MS),
  );

describe('of seven nights in a row, with the least share', () => {
  it.each([
    ['at the same hour', (_: number) => 0, 100],
    ['some hours earlier or later', (night: number) => [0, 5, -3, 2, -5, 4, 1][night % 7] ?? 0, 100],
    ['of a small bank', (_: number) => 0, 3],
    ['of a bank of one', (night: number) => night % 5, 1],
  ])('each webhook is looked at in one at least: %s', (_, delayHours, count) => {
    const looks = simulate(nightly(60, delayHours), { count, found: 'present' });
    for (let night = 0; night + 7 <= looks.length; night += 1) {
      const seen = new Set(looks.slice(night, night + 7).flatMap((chosen) => [...chosen]));
      expect(seen.size).toBe(count);
    }
  });

  it('also those that were never looked at, where all others lack their webhook', () => {
    const looks = simulate(
      nightly(7, () => 0),
      { count: 100, found: 'missing' },
    );
    expect(new Set(looks.flatMap((chosen) => [...chosen])).size).toBe(100);
    expect(looks[0]?.size).toBe(15);
  });

  it('about as many are looked at in each as the share says', () => {
    const looks = simulate(
      nightly(60, () => 0),
      { count: 100, found: 'present' },
    );
    expect(looks[0]?.size).toBe(15);
    const settled = looks.slice(10).map(({ size }) => size);
    expect(settled.reduce((sum, size) => sum + size, 0) / settled.length).toBeLessThan(100 / 5.9);
  });
});

describe('after nights without a run', () => {
  it('all are looked at that a week would have seen', () => {
    const nights = [...nightly(8, () => 0), new Date(NOW.getTime() + 15 * DAY_MS)];
    const looks = simulate(nights, { count: 50, found: 'present' });
    expect(looks.at(-1)?.size).toBe(50);
  });
});
