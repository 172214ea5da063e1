import { logScale } from './scales.ts';
import { bar, gridLine, type Point, svg, text } from './svg.ts';

export interface BarChart {
  title: string;
  /** What the length of a bar is. */
  axis: string;
  /** Names of the bars that a group may have. */
  series: readonly string[];
  groups: readonly { name: string; bars: readonly { series: number; value: number }[] }[];
  format: (value: number) => string;
}

const WIDTH = 780;
const LEFT = 210;
const RIGHT = 690;
const TOP = 76;
const BAR = 14;
const PITCH = 18;
const GAP = 18;

/** Horizontal bars in groups, on a logarithmic axis: what is compared differs a hundredfold. */
export function barChart({ title, axis, series, groups, format }: BarChart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const { place, ticks } = logScale(values, { from: LEFT, to: RIGHT });
  const tops = groups.map((_, index) =>
    groups.slice(0, index).reduce((top, { bars }) => top + bars.length * PITCH + GAP, TOP),
  );
  const bottom = groups.reduce((top, { bars }) => top + bars.length * PITCH + GAP, TOP);
  const grid = ticks.flatMap((tick) => [
    gridLine({ x: place(tick), y: TOP - 8 }, { x: place(tick), y: bottom - 8 }),
    text({ x: place(tick), y: bottom + 10 }, format(tick), { anchor: 'middle', kind: 'quiet' }),
  ]);
  const drawn = groups.flatMap(({ name, bars }, index) => {
    const top = tops[index] ?? TOP;
    return [
      text({ x: LEFT - 12, y: top + (bars.length * PITCH) / 2 + 3 }, name, { anchor: 'end' }),
      ...bars.flatMap((one, row) => {
        const at: Point = { x: LEFT, y: top + row * PITCH };
        const end = place(one.value);
        return [
          bar(at, { x: end - LEFT, y: BAR }, one.series),
          text({ x: Math.max(end, LEFT) + 6, y: at.y + 11 }, format(one.value)),
        ];
      }),
    ];
  });
  const size = { x: WIDTH, y: bottom + 40 };
  return svg(size, title, [
    text({ x: 16, y: 26 }, title, { kind: 'title' }),
    ...legend(series),
    ...grid,
    ...drawn,
    text({ x: RIGHT, y: bottom + 30 }, axis, { anchor: 'end', kind: 'quiet' }),
  ]);
}

const LETTER_WIDTH = 7;

function legend(series: readonly string[]): string[] {
  let x = 16;
  return series.flatMap((name, index) => {
    const at = x;
    x += 44 + name.length * LETTER_WIDTH;
    return [bar({ x: at, y: 40 }, { x: BAR, y: BAR }, index), text({ x: at + BAR + 6, y: 51 }, name)];
  });
}
