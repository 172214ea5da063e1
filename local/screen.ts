/** Lines that stay, and on a terminal a bar below them. */
export interface Screen {
  print(line: string): void;
  progress(done: number, total: number): void;
  close(): void;
}

const BAR_WIDTH = 40;
const CLEAR_LINE = '\r\u001b[K';

export function createScreen(output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): Screen {
  if (!output.isTTY) {
    return { print: (line) => void output.write(`${line}\n`), progress: () => {}, close: () => {} };
  }
  let bar = '';
  return {
    print: (line) => void output.write(`${CLEAR_LINE}${line}\n${bar}`),
    progress: (done, total) => {
      bar = drawBar(done, total);
      output.write(`${CLEAR_LINE}${bar}`);
    },
    close: () => void output.write(CLEAR_LINE),
  };
}

function drawBar(done: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.round((Math.min(done, total) / total) * BAR_WIDTH);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}] ${done} of ${total}`;
}
