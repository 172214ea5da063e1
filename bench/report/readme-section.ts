import type { Results } from '../results.ts';
import { targetTable, timeTable } from './tables.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** What the README says of the benchmark, `folder` being where the report is, as seen from there. */
export function readmeSection(results: Results, folder: string): string {
  return [
    timeTable(results),
    `![Time of a run](${folder}/times.svg)`,
    targetTable(results),
    `Measured on ${results.at.slice(0, 10)} by \`npm run bench\`. A, B and the floor, what a run costs, and how all of it is measured: [${folder}/report.md](${folder}/report.md).`,
  ].join('\n\n');
}

/** @returns the text with the section between its markers; nothing where the markers are not there. */
export function withSection(text: string, section: string): string | undefined {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}
