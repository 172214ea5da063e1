/** A reproducible stream of random numbers. */
export interface Random {
  /** A fraction in [0, 1). */
  fraction(): number;
  /** An integer, both bounds included. */
  integer(from: number, to: number): number;
  /** The members in random order. */
  shuffled<T>(members: readonly T[]): T[];
}

/**
 * The stream for this seed and purpose (mulberry32). Each purpose has its own stream, so that drawing an additional
 * number for names does not change the dates.
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = hash(`${seed}/${purpose}`);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  const shuffled = <T>(members: readonly T[]): T[] =>
    members
      .map((member) => ({ member, place: fraction() }))
      .sort((a, b) => a.place - b.place)
      .map(({ member }) => member);
  return { fraction, integer, shuffled };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
