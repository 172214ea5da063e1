/** The smallest value that `percent` of all values do not exceed; 0 for an empty list. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

/** The median by `measure`; the lower of the two in the middle if the number is even. */
export function middleOf<T>(values: readonly T[], measure: (value: T) => number): T | undefined {
  return values.toSorted((a, b) => measure(a) - measure(b))[Math.ceil(values.length / 2) - 1];
}

/** At most `count` of the values, at equal distances. */
export function spread<T>(values: readonly T[], count: number): T[] {
  const chosen = Math.min(count, values.length);
  const places = new Set(
    Array.from({ length: chosen }, (_, index) => Math.floor((index * values.length) / chosen)),
  );
  return values.filter((_, place) => places.has(place));
}
