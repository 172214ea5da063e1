import type { Log } from '../../functions/shared/logger.ts';

interface WrittenLine {
  level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  message: string;
  attributes: Record<string, unknown>;
}

/** A log whose lines a test can read. */
export interface RecordedLog extends Log {
  lines: WrittenLine[];
  messages: () => string[];
}

export function createLog(): RecordedLog {
  const lines: WrittenLine[] = [];
  const writer =
    (level: WrittenLine['level']): Log['info'] =>
    (message, ...attributes) =>
      void lines.push({ level, message, attributes: Object.assign({}, ...attributes) });
  return {
    lines,
    messages: () => lines.map(({ message }) => message),
    debug: writer('DEBUG'),
    info: writer('INFO'),
    warn: writer('WARN'),
    error: writer('ERROR'),
    appendKeys: () => {},
  };
}
