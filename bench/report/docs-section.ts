import type { Results } from '../results.ts';
import { againOn } from './report.ts';
import { functionTable, targetTable, timeTable } from './tables.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** The generated part of docs/benchmark.md. `folder` is the path from there to the report. */
export function docsSection(results: Results, folder: string): string {
  const day = results.at.slice(0, 10);
  return [
    `Measured on ${day}${againOn(results)} by \`npm run bench -- --full\`. The [report](${folder}/report.md) has all figures.`,
    '### Time of a run',
    timeTable(results),
    `![Time of a run](${folder}/times.svg)`,
    '### Functions',
    functionTable(results),
    '### Targets',
    targetTable(results),
  ].join('\n\n');
}

/** @returns the text with the section between its markers, or undefined if the markers are missing. */
export function withSection(text: string, section: string): string | undefined {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}
