export interface PackLimits<T> {
  /** Members of a pack, at most. */
  count?: number;
  /** Bytes of a pack, at most. */
  bytes?: number;
  bytesOf?: (value: T) => number;
}

/** Packs values in their order, each pack within both limits. A value that is larger than a pack has one of its own. */
export function packsOf<T>(
  values: readonly T[],
  { count = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, bytesOf = () => 0 }: PackLimits<T>,
): T[][] {
  const packs: T[][] = [];
  let pack: T[] = [];
  let left = 0;
  for (const value of values) {
    const size = bytesOf(value);
    if (pack.length === 0 || pack.length === count || size > left) {
      pack = [];
      left = bytes;
      packs.push(pack);
    }
    pack.push(value);
    left -= size;
  }
  return packs;
}
