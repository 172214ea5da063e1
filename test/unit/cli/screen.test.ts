import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScreen, type Outputs } from '../../../cli/terminal/screen.ts';

const CLEAR_LINE = '\r\u001b[K';

let stdout: string;
let stderr: string;
beforeEach(() => {
  // The clock stands still, so that no text depends on how fast the machine is.
  vi.useFakeTimers({ toFake: ['performance'] });
  stdout = '';
  stderr = '';
});
afterEach(() => {
  vi.useRealTimers();
});

function outputs(isTTY: { stdout: boolean; stderr: boolean }): Outputs {
  const writeStdout = (text: string | Uint8Array): boolean => {
    stdout += String(text);
    return true;
  };
  const writeStderr = (text: string | Uint8Array): boolean => {
    stderr += String(text);
    return true;
  };
  return {
    stdout: { isTTY: isTTY.stdout, columns: 80, write: writeStdout },
    stderr: { isTTY: isTTY.stderr, columns: 80, write: writeStderr },
  };
}

/** What a terminal shows on its last line. */
const lastLine = (): string => stderr.slice(stderr.lastIndexOf(CLEAR_LINE) + CLEAR_LINE.length);

describe.each([
  { stdout: false, stderr: false },
  { stdout: false, stderr: true },
  { stdout: true, stderr: false },
])('a screen without a terminal on both outputs: %o', (isTTY) => {
  it('writes lines, and the duration of each phase', async () => {
    const screen = createScreen(outputs(isTTY));
    screen.report('Working on a bank.');
    const result = await screen.phase('starting', async () => 1);
    screen.working('running');
    screen.print('a line of the log');
    screen.progress(1, 2);
    screen.close();
    expect(result).toBe(1);
    expect(stdout).toBe('a line of the log\n');
    expect(stderr).toBe('Working on a bank.\nstarting: 0.0 s\n');
  });
});

describe('a screen on a terminal', () => {
  const TERMINAL = { stdout: true, stderr: true };

  it('shows a moving bar as soon as a phase starts', async () => {
    const screen = createScreen(outputs(TERMINAL));
    const phase = Promise.withResolvers<void>();
    const done = screen.phase('synthesizing the stack', () => phase.promise);
    expect(lastLine()).toBe(`[██████${'░'.repeat(24)}] synthesizing the stack, 0 s`);
    phase.resolve();
    await done;
    screen.close();
    expect(stderr).toContain(`${CLEAR_LINE}synthesizing the stack: 0.0 s\n`);
  });

  it('fills the bar with the progress of the run, and keeps it below the log', () => {
    const screen = createScreen(outputs(TERMINAL));
    screen.progress(1, 3);
    screen.print('a line of the log');
    expect(stdout).toBe(`${CLEAR_LINE}a line of the log\n`);
    expect(lastLine()).toBe(`[${'█'.repeat(10)}${'░'.repeat(20)}] 1 of 3, 0 s`);
    screen.progress(0, 0);
    expect(lastLine()).toContain(`[${'█'.repeat(30)}] 0 of 0`);
    screen.close();
    expect(lastLine()).toBe('');
  });

  it('writes no bar after it was closed', () => {
    const screen = createScreen(outputs(TERMINAL));
    screen.working('running');
    screen.close();
    screen.report('COMPLETED');
    expect(stderr.endsWith(`${CLEAR_LINE}COMPLETED\n`)).toBe(true);
  });

  it('removes the bar when a phase fails', async () => {
    const screen = createScreen(outputs(TERMINAL));
    await expect(screen.phase('starting', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    screen.close();
    expect(lastLine()).toBe('');
  });

  it('never writes a bar that is wider than the terminal', () => {
    const narrow = outputs(TERMINAL);
    narrow.stderr.columns = 20;
    createScreen(narrow).working('running');
    expect(lastLine()).toHaveLength(19);
  });
});
