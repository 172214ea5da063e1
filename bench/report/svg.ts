/** Colours for light and dark pages. The background of the page is not covered. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #57606a; }
  .grid { stroke: #d0d7de; }
  .series-0 { fill: #0969da; stroke: #0969da; }
  .series-1 { fill: #8c959f; stroke: #8c959f; }
  .series-2 { fill: #bc4c00; stroke: #bc4c00; }
  .series-3 { fill: #1a7f37; stroke: #1a7f37; }
  .line { fill: none; stroke-width: 2; }
  .bar, text { stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .series-0 { fill: #4493f8; stroke: #4493f8; }
    .series-1 { fill: #818b98; stroke: #818b98; }
    .series-2 { fill: #f0883e; stroke: #f0883e; }
    .series-3 { fill: #3fb950; stroke: #3fb950; }
    .line { fill: none; }
    .bar, text { stroke: none; }
  }`;

export interface Point {
  x: number;
  y: number;
}

interface TextOptions {
  anchor?: 'start' | 'middle' | 'end';
  kind?: string;
}

export function svg({ x: width, y: height }: Point, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function text({ x, y }: Point, content: string, { anchor = 'start', kind }: TextOptions = {}): string {
  const style = kind === undefined ? '' : ` class="${kind}"`;
  return `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}"${style}>${escaped(content)}</text>`;
}

export function gridLine(from: Point, to: Point): string {
  return `<line class="grid" x1="${rounded(from.x)}" y1="${rounded(from.y)}" x2="${rounded(to.x)}" y2="${rounded(to.y)}"/>`;
}

export function bar({ x, y }: Point, size: Point, series: number): string {
  return `<rect class="bar series-${series}" x="${rounded(x)}" y="${rounded(y)}" width="${rounded(Math.max(1, size.x))}" height="${rounded(size.y)}"/>`;
}

export function line(points: readonly Point[], series: number): string {
  const places = points.map(({ x, y }) => `${rounded(x)},${rounded(y)}`).join(' ');
  return `<polyline class="series-${series} line" points="${places}"/>`;
}

export function dot({ x, y }: Point, series: number): string {
  return `<circle class="series-${series}" cx="${rounded(x)}" cy="${rounded(y)}" r="4"/>`;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
