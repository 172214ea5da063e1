import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AWS_FAULTS } from './aws-faults.ts';
import type { Figures } from './figures.ts';
import { GITHUB_FAULTS } from './github-faults.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');
const BEGIN = '<!-- nights:begin -->';
const END = '<!-- nights:end -->';

/** Replaces the generated part of docs/reliability.md. */
export async function writePage(figures: Figures): Promise<void> {
  const text = await readFile(PAGE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${PAGE} lacks the markers ${BEGIN} and ${END}`);
  const section = sectionOf(figures, new Date());
  await writeFile(PAGE, `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`);
}

const KILLS = ['invocation crashes', 'invocation hangs', 'machine dies'];
const CHANGES = 'bank changes: ';

/** The figures in Markdown. */
export function sectionOf(figures: Figures, at: Date): string {
  const { nights, failures, firstSeed, runs, seconds, happened } = figures;
  const all = nights + failures.length;
  const classes = [...happened].sort(([a], [b]) => (a < b ? -1 : 1));
  const groupOf = (belongs: (name: string) => boolean) => classes.filter(([name]) => belongs(name));
  const isOutage = (name: string): boolean => name.includes('outage');
  const gitHub = groupOf((name) => name in GITHUB_FAULTS || name === 'repository is not listed');
  const aws = groupOf((name) => name in AWS_FAULTS);
  const changes = groupOf((name) => name.startsWith(CHANGES));
  const listed = new Set([...gitHub, ...aws, ...changes].map(([name]) => name));
  const others = groupOf((name) => !listed.has(name));
  const faultyInvocations = others.filter(
    ([name]) => name.startsWith('invocation ') && !KILLS.includes(name),
  );
  return [
    `Measured on ${at.toISOString().slice(0, 10)} by \`npm run nights -- --nights ${all} --seed ${firstSeed}\`.`,
    table('what', [
      ['nights', all],
      ['nights that failed', failures.length],
      ['runs, including the clean ones', runs],
      ['faults', sum(gitHub) + sum(aws) + sum(faultyInvocations)],
      ['kills', sum(others.filter(([name]) => KILLS.includes(name)))],
      ['stops', happened.get('run is stopped') ?? 0],
      ['outages', sum(others.filter(([name]) => isOutage(name)))],
      ['changes of the bank during a run', sum(changes)],
      ['seconds', seconds],
    ]),
    ...failures.map(({ message }) => message),
    '### GitHub',
    table('fault', gitHub),
    '### AWS',
    table('fault', aws),
    '### Invocations, kills, stops, outages and starts',
    table('what', others),
    '### Changes of the bank during a run',
    table(
      'change',
      changes.map(([name, count]) => [name.slice(CHANGES.length), count]),
    ),
  ].join('\n\n');
}

type Count = readonly [string, number];

const sum = (counts: readonly Count[]): number => counts.reduce((total, [, count]) => total + count, 0);

function table(title: string, counts: readonly Count[]): string {
  const rows = counts.map(([name, count]) => `| ${name} | ${count.toLocaleString('en')} |`);
  return [`| ${title} | times |`, '| --- | ---: |', ...rows].join('\n');
}
