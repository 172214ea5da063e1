import { describe, expect, it } from 'vitest';
import { type ItemBankId, itemBankId, jobExecutionId } from '../../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../../functions/shared/contract/repositories.ts';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import { knownAfterCheck } from '../../../../functions/webhooks/check-webhook.ts';
import {
  type Checkable,
  CLASSES,
  chooseByRotation,
  classesFor,
  type Rotation,
} from '../../../../functions/webhooks/rotation.ts';

const NOW = new Date('2026-11-23T09:00:00.000Z');
const LATER = new Date('2026-11-23T10:00:00.000Z');

const found = (state: KnownWebhook['state']): Checkable => ({
  webhook: { state, checkedAt: '2026-11-20T09:00:00.000Z' },
  isChanged: false,
  isUnannounced: false,
});
const PRESENT = found('present');
const CHANGED: Checkable = { ...PRESENT, isChanged: true };
const NEW: Checkable = { webhook: undefined, isChanged: false, isUnannounced: false };

function batchOf(count: number, archived: readonly number[] = []): ListedRepository[] {
  return Array.from({ length: count }, (_, index) => ({
    itemBankId: itemBankId(index + 1),
    nodeId: `R_${index + 1}`,
    repositoryName: `item-${index + 1}`,
    archived: archived.includes(index + 1),
  }));
}

const rotationOf = (batch: readonly ListedRepository[], classes: readonly number[]): Rotation => ({
  jobExecutionId: jobExecutionId(15),
  classes,
  batch,
  since: NOW,
});

const known = (webhooks: readonly Checkable[]): Map<ItemBankId, Checkable> =>
  new Map(webhooks.map((webhook, index) => [itemBankId(index + 1), webhook]));

/** What a run of class 0 checks in a batch of repositories with the ids 1, 2, 3, … */
function choose(webhooks: readonly Checkable[]): number[] {
  const chosen = chooseByRotation(rotationOf(batchOf(webhooks.length), [0]), known(webhooks));
  return [...chosen].toSorted((a, b) => a - b);
}

const present = (count: number): Checkable[] => Array.from({ length: count }, () => PRESENT);

describe('rotation chooses from a batch', () => {
  it('those of its classes', () => {
    expect(choose(present(15))).toEqual([7, 14]);
  });

  it('those known to be missing or different, whatever their class', () => {
    const states = ['missing', 'differs', 'forbidden', 'unchecked', 'created', 'repaired'] as const;
    expect(choose(states.map(found))).toEqual([1, 2]);
  });

  it('one in seven of the others: first those whose item has changed, then those never checked', () => {
    expect(choose([PRESENT, NEW, CHANGED, NEW, CHANGED, PRESENT])).toEqual([3]);
    expect(choose([PRESENT, NEW, PRESENT, NEW, CHANGED, PRESENT, PRESENT, ...present(7)])).toEqual([
      2, 5, 7, 14,
    ]);
  });

  it('none twice, and no archived one', () => {
    const webhooks = known([found('missing'), NEW, found('missing'), PRESENT, PRESENT, PRESENT, PRESENT]);
    expect([...chooseByRotation(rotationOf(batchOf(7, [1, 2, 7]), [0]), webhooks)]).toEqual([3]);
  });
});

describe('a repeated invocation for a batch', () => {
  it('chooses none in addition, wherever the first one stopped', () => {
    const webhooks = [NEW, found('missing'), CHANGED, PRESENT, NEW, PRESENT, NEW, ...present(6), NEW, NEW];
    const rotation = rotationOf(batchOf(webhooks.length), [0]);
    const first = chooseByRotation(rotation, known(webhooks));
    for (const done of [...first].map((_, index) => [...first].slice(0, index + 1))) {
      const after = known(webhooks);
      for (const id of done) {
        const before = after.get(id) ?? NEW;
        const webhook = knownAfterCheck(before.webhook, { found: 'present', id: 7 }, LATER) ?? before.webhook;
        after.set(id, { ...before, webhook });
      }
      expect([...first]).toEqual(expect.arrayContaining([...chooseByRotation(rotation, after)]));
    }
  });
});

describe('the classes of a run', () => {
  it.each([
    [1, 7],
    [0.99, 5],
    [3 / 7, 2],
    [2 / 7, 1],
    [1 / 7, 1],
    [0, 1],
  ])('for a share of %d are %i, because one place is for new and changed repositories', (share, count) => {
    expect(new Set(classesFor(share, 12)).size).toBe(count);
  });

  it('include each class within seven completed runs', () => {
    const checked = Array.from({ length: CLASSES }, (_, run) => classesFor(0.1, 30 + run)).flat();
    expect(new Set(checked).size).toBe(CLASSES);
  });
});

/** @returns what each run of a new bank checks, with the smallest share. */
function simulate(runs: number, count: number): Set<ItemBankId>[] {
  const batch = batchOf(count);
  const webhooks = new Map<ItemBankId, Checkable>();
  return Array.from({ length: runs }, (_, run) => {
    const since = new Date(NOW.getTime() + run * 24 * 3_600_000);
    const chosen = chooseByRotation({ ...rotationOf(batch, classesFor(0, run)), since }, webhooks);
    for (const id of chosen) {
      const webhook = webhooks.get(id)?.webhook;
      const after = knownAfterCheck(webhook, { found: 'present', id: 7 }, since) ?? webhook;
      webhooks.set(id, { ...NEW, webhook: after });
    }
    return chosen;
  });
}

describe('seven runs in a row with the smallest share', () => {
  it.each([1, 3, 100])('check each webhook at least once in a bank of %i', (count) => {
    const runs = simulate(30, count);
    for (let run = 0; run + CLASSES <= runs.length; run += 1) {
      expect(new Set(runs.slice(run, run + CLASSES).flatMap((chosen) => [...chosen])).size).toBe(count);
    }
  });

  it('check two sevenths while the bank is new, and then one seventh', () => {
    const sizes = simulate(30, 700).map(({ size }) => size);
    expect(sizes[0]).toBe(200);
    expect(sizes.slice(7)).toEqual(sizes.slice(7).map(() => 100));
  });
});
