import { expect, it } from 'vitest';
import { addFigures, noFigures } from './figures.ts';
import { sectionOf } from './reliability-page.ts';

it('says how many nights were played, what they brought, and which failed', () => {
  const figures = { ...noFigures(7), seconds: 1_200 };
  const happened = new Map([
    ['machine dies', 1],
    ['page with 502', 1_500],
    ['table throttles', 2],
    ['invocation hangs', 1],
    ['invocation is throttled', 3],
    ['run is stopped', 4],
    ['AWS outage', 1],
    ['bank changes: rename', 5],
  ]);
  addFigures(figures, { happened, runs: 3, trace: '' });
  figures.failures.push({ seed: 8, message: 'The night of seed 8 failed: the lock is held' });
  const section = sectionOf(figures, new Date('2026-11-27T12:00:00.000Z'));
  const rows = (part: string): string[] =>
    part
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.includes('times') && !line.includes('---'));
  expect(section).toContain('on 2026-11-27 by `npm run nights -- --nights 2 --seed 7`');
  expect(section).toContain('\n\nThe night of seed 8 failed: the lock is held\n\n');
  const [summary = '', gitHub = '', aws = '', others = '', changes = ''] = section.split('###');
  expect(rows(summary)).toEqual([
    '| nights | 2 |',
    '| nights that failed | 1 |',
    '| runs, including the clean ones | 3 |',
    '| faults | 1,505 |',
    '| kills | 2 |',
    '| stops | 4 |',
    '| outages | 1 |',
    '| changes of the bank during a run | 5 |',
    '| seconds | 1,200 |',
  ]);
  expect(rows(gitHub)).toEqual(['| page with 502 | 1,500 |']);
  expect(rows(aws)).toEqual(['| table throttles | 2 |']);
  expect(rows(others).map((row) => row.split(' | ')[0])).toEqual([
    '| AWS outage',
    '| invocation hangs',
    '| invocation is throttled',
    '| machine dies',
    '| run is stopped',
  ]);
  expect(rows(changes)).toEqual(['| rename | 5 |']);
});
