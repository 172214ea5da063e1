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
  /** JSON text, as received. */
  input: string;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
}

/**
 * The executions of one state machine, one file each: in `running` until they end, then in `ended`. At start-up, the
 * cloud reads only those that were running.
 */
export interface ExecutionStore {
  /** Resolves when the execution is on disk, so that an accepted start survives a kill. */
  save(execution: Execution): Promise<void>;
  hasEnded(name: string): boolean;
  findEnded(name: string): Promise<Execution | undefined>;
  readRunning(): Promise<Execution[]>;
  readEnded(): Promise<Execution[]>;
  /** The file that stores the history of the execution. */
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
      // A kill between writing the ended file and deleting the running one leaves both.
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

/** Writes the whole file or nothing: writes a temporary file, flushes it, renames it, and flushes the rename. */
async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = await open(`${file}.new`, 'w');
  try {
    await temporary.writeFile(text);
    await temporary.sync();
  } finally {
    await temporary.close();
  }
  await rename(`${file}.new`, file);
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
