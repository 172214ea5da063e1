import { createPaint, type Paint, type Text } from './terminal/paint.ts';
import { createScreen, type Outputs, type Screen } from './terminal/screen.ts';
import { printableJson } from './terminal/terminal.ts';

/** What a command writes: data on stdout, everything else on stderr. */
export interface Output {
  /** Lines of the result. */
  data(lines: readonly Text[]): void;
  /** The result as JSON, on one line: for programs, not for people. */
  json(value: unknown): void;
  /** Text for another program, escaped by the caller. */
  raw(text: string): void;
  /** A line about the work itself: progress, advice, an error. */
  note(line: string): void;
  /** Colours what goes to stdout. */
  paint: Paint;
  /** The progress bar, and lines that must not end up in it. */
  screen: Screen;
}

export function createOutput(outputs: Outputs, env: NodeJS.ProcessEnv): Output {
  const screen = createScreen(outputs);
  const raw = (text: string): void => {
    screen.close();
    outputs.stdout.write(text);
  };
  return {
    data: (lines) => raw(lines.map((line) => `${line}\n`).join('')),
    json: (value) => raw(`${printableJson(value)}\n`),
    raw,
    note: screen.report,
    paint: createPaint({ isTTY: outputs.stdout.isTTY === true, env }),
    screen,
  };
}
