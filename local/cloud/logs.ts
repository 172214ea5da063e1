import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { readLinesBackwards } from '../file-reading.ts';

export interface LogEvent {
  timestamp: number;
  message: string;
  logStreamName: string;
}

export interface LogGroup {
  name: string;
  retentionInDays?: number | undefined;
}

export interface Logs {
  /** Appends one event. It is in the file when this returns. */
  append(group: string, event: LogEvent): void;
  /**
   * The events of a group that arrived at `since` or later (default: all), the last one to arrive first. They are read
   * while they are iterated over, because a log can be larger than the memory.
   */
  read(group: string, since?: number): Iterable<StoredEvent>;
  has(group: string): boolean;
  /** Sorted by name. */
  groups(): GroupOnDisk[];
  close(): void;
}

export interface StoredEvent extends LogEvent {
  ingestionTime: number;
  /** Sorts by time, then by arrival. Derived from the event's position in its file, so it never changes. */
  eventId: string;
}

interface GroupOnDisk extends LogGroup {
  createdMs: number;
  storedBytes: number;
}

const DAY_MS = 86_400_000;

/**
 * Opens log groups stored as folders of append-only JSON lines. There is one file per day of arrival, so that retention
 * removes whole files. Without `groups`, the groups on disk can be read, for example after the cloud has stopped.
 */
export function openLogs(stateFolder: string, groups?: readonly LogGroup[]): Logs {
  const root = path.join(stateFolder, 'logs');
  const folderOf = (group: string) => path.join(root, encodeURIComponent(group));
  const open = new Map<string, { file: string; descriptor: number }>();
  for (const { name, retentionInDays } of groups ?? []) {
    mkdirSync(folderOf(name), { recursive: true });
    if (retentionInDays !== undefined) dropOlderThan(folderOf(name), Date.now() - retentionInDays * DAY_MS);
  }

  const descriptorFor = (group: string, file: string): number => {
    const current = open.get(group);
    if (current?.file === file) return current.descriptor;
    if (current !== undefined) closeSync(current.descriptor);
    // The first event creates a group that is not in the template, as Lambda does with /aws/lambda/<name>.
    mkdirSync(folderOf(group), { recursive: true });
    const descriptor = openSync(path.join(folderOf(group), file), 'a');
    // Ends a line that a kill may have cut off. Readers skip empty lines.
    writeSync(descriptor, '\n');
    open.set(group, { file, descriptor });
    return descriptor;
  };

  const describe = (name: string): GroupOnDisk => ({
    name,
    retentionInDays: groups?.find((group) => group.name === name)?.retentionInDays,
    createdMs: statSync(folderOf(name)).birthtimeMs,
    storedBytes: dayFiles(folderOf(name)).reduce(
      (bytes, file) => bytes + statSync(path.join(folderOf(name), file)).size,
      0,
    ),
  });
  return {
    append: (group, { timestamp, message, logStreamName }) => {
      const ingestionTime = Date.now();
      const line = JSON.stringify({ timestamp, ingestionTime, logStreamName, message });
      writeSync(descriptorFor(group, dayFile(ingestionTime)), `${line}\n`);
    },
    read: (group, since = 0) => readEvents(folderOf(group), since),
    has: (name) => existsSync(folderOf(name)),
    groups: () => namesIn(root).map(describe),
    close: () => {
      for (const { descriptor } of open.values()) closeSync(descriptor);
      open.clear();
    },
  };
}

const namesIn = (root: string) => (existsSync(root) ? readdirSync(root).map(decodeURIComponent).sort() : []);

const dayFile = (timeMs: number) => `${new Date(timeMs).toISOString().slice(0, 10)}.jsonl`;

const dayFiles = (folder: string) =>
  readdirSync(folder)
    .filter((file) => /^\d{4}-\d{2}-\d{2}\.jsonl$/.test(file))
    .sort();

function dropOlderThan(folder: string, limitMs: number): void {
  for (const file of dayFiles(folder)) if (file < dayFile(limitMs)) rmSync(path.join(folder, file));
}

function* readEvents(folder: string, since: number): Generator<StoredEvent> {
  if (!existsSync(folder)) return;
  const files = dayFiles(folder).filter((file) => file >= dayFile(since));
  for (const file of files.reverse()) yield* readDay(path.join(folder, file), since);
}

/** Reads backwards and stops at the first line that arrived before `since`, so that following a long log stays fast. */
function* readDay(file: string, since: number): Generator<StoredEvent> {
  const day = Date.parse(path.basename(file, '.jsonl')) / DAY_MS;
  for (const { text, startsAt } of readLinesBackwards(file)) {
    const line = parseLine(text);
    if (line === undefined) continue;
    if (line.ingestionTime < since) return;
    yield { ...line, eventId: eventId(line.timestamp, day, startsAt) };
  }
}

/** Undefined for an empty line and for one that a kill cut off. */
function parseLine(line: string): Omit<StoredEvent, 'eventId'> | undefined {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}

const eventId = (timestamp: number, day: number, offset: number) =>
  [String(timestamp).padStart(16, '0'), String(day).padStart(8, '0'), String(offset).padStart(16, '0')].join(
    '',
  );
