// The bar shows real time, even if the command uses another clock.
import { clearInterval, setInterval } from 'node:timers';
import { printable, printableLines } from './terminal.ts';

/**
 * What a command shows: its result on stdout, reports about its work on stderr, and on a terminal a progress bar. A
 * line can contain newlines. Other control characters are escaped.
 */
export interface Screen {
  print(line: string): void;
  report(line: string): void;
  /** Shows what `work` is doing while it runs, and how long it took once it is done. */
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Shows that work is in progress, without a fraction. */
  working(name: string): void;
  /** Shows how many of `total` item bank ids the run has processed, and what else is known. */
  progress(processed: number, total: number, more?: string): void;
  /** Whether there is a bar. Without one, `working` and `progress` show nothing. */
  hasBar: boolean;
  /** Removes the bar. */
  close(): void;
}

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write' | 'columns'>;

export interface Outputs {
  stdout: Output;
  stderr: Output;
}

/**
 * There is a bar only if both outputs are terminals. Lines that are piped to another program may reach the terminal as
 * well, and would end up inside the bar.
 */
export const createScreen = (outputs: Outputs): Screen =>
  outputs.stdout.isTTY && outputs.stderr.isTTY ? createTerminalScreen(outputs) : createPlainScreen(outputs);

function createPlainScreen({ stdout, stderr }: Outputs): Screen {
  const report = (line: string): void => void stderr.write(`${printableLines(line)}\n`);
  return {
    print: (line) => void stdout.write(`${printableLines(line)}\n`),
    report,
    phase: (name, work) => timePhase(name, { work, report }),
    working: () => {},
    progress: () => {},
    hasBar: false,
    close: () => {},
  };
}

const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

function createTerminalScreen({ stdout, stderr }: Outputs): Screen {
  let bar: Bar | undefined;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    if (bar !== undefined)
      stderr.write(`${CLEAR_LINE}${printable(formatBar(bar)).slice(0, (stderr.columns ?? 80) - 1)}`);
  };
  const show = (next: Omit<Bar, 'startedAt'>): void => {
    bar = { ...next, startedAt: bar?.startedAt ?? performance.now() };
    timer ??= setInterval(draw, FRAME_MS).unref();
    draw();
  };
  const write = (output: Output, line: string): void => {
    output.write(`${CLEAR_LINE}${printableLines(line)}\n`);
    draw();
  };
  const report = (line: string): void => write(stderr, line);
  return {
    print: (line) => write(stdout, line),
    report,
    phase: (name, work) => {
      show({ name, fraction: undefined });
      return timePhase(name, { work, report });
    },
    working: (name) => show({ name, fraction: undefined }),
    progress: (processed, total, more) =>
      show({
        name: [`${processed} of ${total}`, ...(more === undefined ? [] : [more])].join(', '),
        fraction: total === 0 ? 1 : Math.min(processed / total, 1),
      }),
    hasBar: true,
    close: () => {
      clearInterval(timer);
      timer = undefined;
      if (bar !== undefined) stderr.write(CLEAR_LINE);
      bar = undefined;
    },
  };
}

interface Phase<T> {
  work: () => Promise<T>;
  report: (line: string) => void;
}

async function timePhase<T>(name: string, { work, report }: Phase<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  report(`${name}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return result;
}

interface Bar {
  name: string;
  /** `undefined` if it is not known; the bar then shows a moving block. */
  fraction: number | undefined;
  /** The start of the command, in milliseconds of `performance.now()`. */
  startedAt: number;
}

const BAR_WIDTH = 30;
const BLOCK_WIDTH = 6;
const BLOCK_STEP_MS = 80;

function formatBar({ name, fraction, startedAt }: Bar): string {
  const elapsedMs = performance.now() - startedAt;
  const seconds = Math.floor(elapsedMs / 1_000);
  return `[${fraction === undefined ? movingBlock(elapsedMs) : filledTo(fraction)}] ${name}, ${seconds} s`;
}

function filledTo(fraction: number): string {
  const filled = Math.round(fraction * BAR_WIDTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function movingBlock(elapsedMs: number): string {
  const room = BAR_WIDTH - BLOCK_WIDTH;
  const step = Math.floor(elapsedMs / BLOCK_STEP_MS) % (2 * room);
  const before = step <= room ? step : 2 * room - step;
  return '░'.repeat(before) + '█'.repeat(BLOCK_WIDTH) + '░'.repeat(room - before);
}
