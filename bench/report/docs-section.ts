import type { Results } from '../results.ts';
import { targetTable, timeTable } from './tables.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** The generated part of docs/benchmark.md. `folder` is the path from there to the report. */
export function docsSection(results: Results, folder: string): string {
  return [
    `Measured on ${results.at.slice(0, 10)} by \`npm run bench\`. The [report](${folder}/report.md) has all figures.`,
    '### Time of a run',
    timeTable(results),
    `![Time of a run](${folder}/times.svg)`,
    '### Targets',
    targetTable(results),
    ...memoryNote(results),
  ].join('\n\n');
}

/** The memory can be measured again alone. */
function memoryNote({ histories }: Results): string[] {
  return histories
    ? [
        `The memory of a worker process with long and large histories was measured on ${histories.at.slice(0, 10)}.`,
      ]
    : [];
}

/** @returns the text with the section between its markers, or undefined if the markers are missing. */
export function withSection(text: string, section: string): string | undefined {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}
