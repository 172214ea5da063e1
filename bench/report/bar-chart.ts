import { logScale, type Scale } from './scales.ts';
import { bar, gridLine, type Point, svg, text } from './svg.ts';

interface Bar {
  series: number;
  value: number;
  /** Written at the end of the bar. */
  label: string;
}

interface Group {
  name: string;
  bars: readonly Bar[];
}

export interface BarChart {
  title: string;
  /** The meaning of the length of a bar. */
  axis: string;
  /** Names of the bars that a group may have. */
  series: readonly string[];
  groups: readonly Group[];
  formatTick: (value: number) => string;
}

const WIDTH = 780;
const LEFT = 210;
const RIGHT = 690;
const TOP = 76;
const BAR = 14;
const PITCH = 18;
const GAP = 18;

/** Horizontal bars in groups, on a logarithmic axis, because the values differ a hundredfold. */
export function barChart({ title, axis, series, groups, formatTick }: BarChart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const { place, ticks } = logScale(values, { from: LEFT, to: RIGHT });
  const tops = groups.map((_, index) =>
    groups.slice(0, index).reduce((top, { bars }) => top + bars.length * PITCH + GAP, TOP),
  );
  const bottom = groups.reduce((top, { bars }) => top + bars.length * PITCH + GAP, TOP);
  const grid = ticks.flatMap((tick) => [
    gridLine({ x: place(tick), y: TOP - 8 }, { x: place(tick), y: bottom - 8 }),
    text({ x: place(tick), y: bottom + 10 }, formatTick(tick), { anchor: 'middle', kind: 'quiet' }),
  ]);
  const drawn = groups.flatMap((group, index) => drawGroup(group, tops[index] ?? TOP, place));
  const size = { x: WIDTH, y: bottom + 40 };
  return svg(size, title, [
    text({ x: 16, y: 26 }, title, { kind: 'title' }),
    ...legend(series),
    ...grid,
    ...drawn,
    text({ x: RIGHT, y: bottom + 30 }, axis, { anchor: 'end', kind: 'quiet' }),
  ]);
}

function drawGroup({ name, bars }: Group, top: number, place: Scale['place']): string[] {
  const drawn = bars.flatMap(({ series, value, label }, row) => {
    const at: Point = { x: LEFT, y: top + row * PITCH };
    const end = place(value);
    return [bar(at, { x: end - LEFT, y: BAR }, series), text({ x: end + 6, y: at.y + 11 }, label)];
  });
  return [text({ x: LEFT - 12, y: top + (bars.length * PITCH) / 2 + 3 }, name, { anchor: 'end' }), ...drawn];
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
