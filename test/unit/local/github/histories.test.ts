import { describe, expect, it } from 'vitest';
import { createHistories, type GitWrite } from '../../../../local/github/bank/git/histories.ts';
import { hashObject } from '../../../../local/github/bank/git/objects.ts';

const blob = (text: string): GitWrite => ({
  objects: [{ type: 'blob', content: Buffer.from(text).toString('base64') }],
  refs: [],
});

describe('histories', () => {
  it('are created on demand, once while they are in use', () => {
    const made: number[] = [];
    const histories = createHistories((id) => {
      made.push(id);
      return blob(String(id));
    });
    histories.write(1, blob('written'));
    expect(made).toEqual([]);
    const git = histories.of(1);
    expect(['1', 'written'].map((text) => git.has(hashObject('blob', Buffer.from(text))))).toEqual([
      true,
      true,
    ]);
    histories.of(1);
    histories.of(2);
    expect(made).toEqual([1, 2]);
  });

  it('are dropped when thousands of others are used more recently, unless they were written to', () => {
    const histories = createHistories(() => undefined);
    const [kept, dropped] = [histories.of(1), histories.of(2)];
    histories.write(1, blob('written'));
    for (let id = 3; id < 2100; id += 1) histories.of(id);
    expect(histories.of(1)).toBe(kept);
    expect(histories.of(2)).not.toBe(dropped);
  });
});
