/** A line of the state machine's log, with payloads, which the benchmark switches on. */
export interface HistoryLine {
  type: string;
  /** Epoch milliseconds. */
  event_timestamp: string;
  details: { name?: string; input?: unknown; output?: unknown };
}

export interface HistoryFigures {
  /** Every entered state, and every attempt after the first. */
  transitions: number;
  /** Events in the history that Step Functions keeps. */
  historyEvents: number;
  /** The largest input or output of a state, in bytes. */
  largestPayloadBytes: number;
}

export function readHistory(lines: readonly HistoryLine[]): HistoryFigures {
  const figures: HistoryFigures = { transitions: 0, historyEvents: 0, largestPayloadBytes: 0 };
  for (const { type, details } of lines) {
    figures.historyEvents += 1;
    if (type.endsWith('StateEntered') || type === 'TaskFailed') figures.transitions += 1;
    const { input, output } = details;
    figures.largestPayloadBytes = Math.max(figures.largestPayloadBytes, bytesOf(input), bytesOf(output));
  }
  return figures;
}

/** The input and the output of an execution are already text. */
function bytesOf(payload: unknown): number {
  if (payload === undefined) return 0;
  return Buffer.byteLength(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

/** Seconds from when a state was first entered until it was last left. */
export function secondsIn(state: string, lines: readonly HistoryLine[]): number {
  const times = lines
    .filter(({ details }) => details.name === state)
    .map((line) => Number(line.event_timestamp));
  return times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1_000;
}
