import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  startDateMs: number;
  stopDateMs?: number | undefined;
  /** JSON text, as it was given. */
  input: string;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
}

/**
 * Executions of one state machine, one file each: in `running` until they end, then in `ended`. A start of the cloud
 * has to look at those that were running only.
 */
export interface ExecutionStore {
  /** Resolves when the execution is on the disk, so that an accepted start survives a kill. */
  save(execution: Execution): Promise<void>;
  hasEnded(name: string): boolean;
  findEnded(name: string): Promise<Execution | undefined>;
  readRunning(): Promise<Execution[]>;
  readEnded(): Promise<Execution[]>;
  /** Where the history of that execution is kept. */
  historyFile(name: string): string;
}

export function openExecutionStore(folder: string): ExecutionStore {
  const running = path.join(folder, 'running');
  const ended = path.join(folder, 'ended');
  mkdirSync(running, { recursive: true });
  mkdirSync(ended, { recursive: true });
  const hasEnded = (name: string) => existsSync(path.join(ended, `${name}.json`));
  return {
    save: async (execution) => {
      const file = `${execution.name}.json`;
      const isRunning = execution.status === 'RUNNING';
      await writeDurably(path.join(isRunning ? running : ended, file), JSON.stringify(execution));
      if (!isRunning) await rm(path.join(running, file), { force: true });
    },
    hasEnded,
    findEnded: async (name) => (hasEnded(name) ? readExecution(path.join(ended, `${name}.json`)) : undefined),
    readRunning: async () => {
      const found = await readExecutions(running);
      // A kill between the two steps of an end leaves both files.
      return found.filter(({ name }) => !hasEnded(name));
    },
    readEnded: () => readExecutions(ended),
    historyFile: (name) => path.join(folder, 'history', `${name}.jsonl`),
  };
}

function readExecutions(folder: string): Promise<Execution[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Promise.all(files.map((file) => readExecution(path.join(folder, file))));
}

const readExecution = async (file: string): Promise<Execution> => JSON.parse(await readFile(file, 'utf8'));

/** The whole file or none of it: written aside, flushed, renamed, and the rename flushed too. */
async function writeDurably(file: string, text: string): Promise<void> {
  const aside = await open(`${file}.new`, 'w');
  try {
    await aside.writeFile(text);
    await aside.sync();
  } finally {
    await aside.close();
  }
  await rename(`${file}.new`, file);
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
