/** Maps values to positions on an axis, and lists the values to label. */
export interface Scale {
  place: (value: number) => number;
  ticks: number[];
}

interface Axis {
  from: number;
  to: number;
}

/** Between the powers of ten that enclose all values. */
export function logScale(values: readonly number[], { from, to }: Axis): Scale {
  const positive = values.filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...positive)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const place = (value: number): number =>
    from + ((Math.log10(value) - least) / (most - least)) * (to - from);
  const ticks = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index));
  return { place, ticks };
}

/** From 0 to `most`, in equal steps. */
export function linearScale(most: number, steps: number, { from, to }: Axis): Scale {
  return {
    place: (value) => from + (value / most) * (to - from),
    ticks: Array.from({ length: steps + 1 }, (_, index) => (most * index) / steps),
  };
}
