import { linearScale, logScale } from './scales.ts';
import { dot, gridLine, line, type Point, svg, text } from './svg.ts';

export interface LineChart {
  title: string;
  axes: Readonly<Record<'x' | 'y', string>>;
  series: readonly { name: string; points: readonly Point[] }[];
  formats: Readonly<Record<'x' | 'y' | 'label', (value: number) => string>>;
  /** The end of the vertical axis. Without it the axis is logarithmic. */
  mostY?: number;
}

const SIZE: Point = { x: 780, y: 360 };
const LEFT = 76;
const RIGHT = 590;
const TOP = 64;
const BOTTOM = 300;
const STEPS = 4;

/** Lines over a logarithmic horizontal axis, with their names at their ends. */
export function lineChart({ title, axes, series, formats, mostY }: LineChart): string {
  const points = series.flatMap((one) => one.points);
  const x = logScale(
    points.map((point) => point.x),
    { from: LEFT, to: RIGHT },
  );
  const vertical = { from: BOTTOM, to: TOP };
  const y =
    mostY === undefined
      ? logScale(
          points.map((point) => point.y),
          vertical,
        )
      : linearScale(mostY, STEPS, vertical);
  const placed = (point: Point): Point => ({ x: x.place(point.x), y: y.place(point.y) });
  const grid = [
    ...y.ticks.flatMap((tick) => [
      gridLine({ x: LEFT, y: y.place(tick) }, { x: RIGHT, y: y.place(tick) }),
      text({ x: LEFT - 8, y: y.place(tick) + 4 }, formats.y(tick), { anchor: 'end', kind: 'quiet' }),
    ]),
    ...x.ticks.map((tick) =>
      text({ x: x.place(tick), y: BOTTOM + 20 }, formats.x(tick), { anchor: 'middle', kind: 'quiet' }),
    ),
  ];
  const drawn = series.flatMap(({ points: own }, index) => [
    line(own.map(placed), index),
    ...own.map((point) => dot(placed(point), index)),
  ]);
  return svg(SIZE, title, [
    text({ x: 16, y: 26 }, title, { kind: 'title' }),
    text({ x: 16, y: 48 }, axes.y, { kind: 'quiet' }),
    ...grid,
    ...drawn,
    ...names(series, placed, formats.label),
    text({ x: RIGHT, y: BOTTOM + 44 }, axes.x, { anchor: 'end', kind: 'quiet' }),
  ]);
}

const LINE_HEIGHT = 18;

/** Placed from the bottom up, and moved apart if lines end close to each other. */
function names(
  series: LineChart['series'],
  placed: (point: Point) => Point,
  format: (value: number) => string,
): string[] {
  const ends = series.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last ? [{ at: placed(last), label: `${name} ${format(last.y)}` }] : [];
  });
  let highest = Number.POSITIVE_INFINITY;
  return ends
    .toSorted((a, b) => b.at.y - a.at.y)
    .map(({ at, label }) => {
      highest = Math.min(at.y, highest - LINE_HEIGHT);
      return text({ x: at.x + 12, y: highest + 4 }, label);
    });
}
