import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../cli/commands/logs.ts';
import {
  count,
  formatCounts,
  formatDuration,
  formatNumber,
  formatTime,
} from '../../../cli/describe/quantities.ts';
import { adviceOnReason } from '../../../cli/describe/reasons.ts';
import { createPaint, formatTable } from '../../../cli/terminal/paint.ts';
import { RUN, runCli } from '../../support/cli.ts';

describe('quantities', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [3_599, '59 min 59 s'],
    [3_600, '1 h 0 min'],
    [90_061, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('are written for people', () => {
    expect(formatTime('2026-11-28T09:00:03.456Z')).toBe('2026-11-28 09:00:03 UTC');
    expect(formatTime('soon')).toBe('soon');
    expect(formatNumber(1_234_567)).toBe('1,234,567');
    expect([count(1, 'item'), count(0, 'item')]).toEqual(['1 item', '0 items']);
    expect(formatCounts({ created: 1_000, failed: 0, removed: 2 })).toBe('1,000 created, 2 removed');
    expect(formatCounts({ created: 0 })).toBe('none');
  });
});

describe('a table', () => {
  it('has columns as wide as their widest cell, whatever its colours', () => {
    const paint = createPaint({ isTTY: true, env: {} });
    const rows = [
      [paint('a'), paint('bb', 'bad'), paint('c')],
      [paint('aaa', 'good'), paint('b'), paint('')],
    ];
    const lines = formatTable(rows).map(stripVTControlCharacters);
    expect(lines).toEqual(['a    bb  c', 'aaa  b']);
    expect(formatTable([])).toEqual([]);
  });

  it('can have more rows than a call can have arguments', () => {
    const paint = createPaint({ isTTY: false, env: {} });
    const row = [paint('a'), paint('b')];
    expect(formatTable(Array.from({ length: 200_000 }, () => row)).at(-1)).toBe('a  b');
  });
});

describe('colours', () => {
  const answer = () => ({ body: RUN });
  const env = { ITEM_SYNC_API_URL: 'https://api.example.com', ITEM_SYNC_TOKEN: 'x' };

  it('are used on a terminal', async () => {
    const { stdout } = await runCli(['status', '3'], { answer, env, isTTY: true });
    expect(stdout).toContain('\u001b[32mCOMPLETED\u001b[39m');
  });

  it.each([{ NO_COLOR: '1' }, { NO_COLOR: 'false' }, { TERM: 'dumb' }])(
    'are not used with %j',
    async (more) => {
      const { stdout } = await runCli(['status', '3'], { answer, env: { ...env, ...more }, isTTY: true });
      expect(stdout).not.toContain('\u001b[3');
    },
  );

  it('are not used in a pipe, and never in JSON', async () => {
    expect((await runCli(['status', '3'], { answer, env })).stdout).not.toContain('\u001b');
    const json = await runCli(['status', '3', '--json'], { answer, env, isTTY: true });
    expect(json.stdout).not.toContain('\u001b');
  });
});

describe('advice on a reason', () => {
  it('is absent for a reason that this release does not know', () => {
    expect(adviceOnReason('ITEM_JSON_INVALID')).toBe('Fix item.json.');
    expect(adviceOnReason('SOMETHING_NEW')).toBeUndefined();
    expect(adviceOnReason('constructor')).toBeUndefined();
  });
});

describe('the filter of a log', () => {
  it.each([
    [{}, undefined],
    [{ execution: 14 }, '{ $.jobExecutionId = 14 }'],
    [{ level: 'ERROR' }, '{ ($.level = "ERROR" || $.level = "CRITICAL") }'],
    [
      { execution: 14, level: 'WARN' },
      '{ $.jobExecutionId = 14 && ($.level = "WARN" || $.level = "ERROR" || $.level = "CRITICAL") }',
    ],
  ] as const)('for %j is %s', (wanted, pattern) => expect(filterOf(wanted)).toBe(pattern));
});
