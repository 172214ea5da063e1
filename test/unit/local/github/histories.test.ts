import { describe, expect, it } from 'vitest';
import { createHistories, type GitWrite } from '../../../../local/github/bank/git/histories.ts';

const blob = (text: string): GitWrite => ({
  objects: [{ type: 'blob', content: Buffer.from(text).toString('base64') }],
  refs: [],
});

describe('histories', () => {
  it('are made when they are asked for, once while they are in use', () => {
    const made: number[] = [];
    const histories = createHistories((id) => {
      made.push(id);
      return blob(String(id));
    });
    histories.write(1, blob('written'));
    expect(made).toEqual([]);
    expect(histories.of(1).size()).toBe('1written'.length);
    histories.of(1);
    histories.of(2);
    expect(made).toEqual([1, 2]);
  });

  it('are dropped when thousands of others are used more lately, unless they were written to', () => {
    const histories = createHistories(() => undefined);
    const [kept, dropped] = [histories.of(1), histories.of(2)];
    histories.write(1, blob('written'));
    for (let id = 3; id < 2100; id += 1) histories.of(id);
    expect(histories.of(1)).toBe(kept);
    expect(histories.of(2)).not.toBe(dropped);
  });
});
