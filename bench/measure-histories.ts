import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Closing, createClosing } from './closing.ts';
import { readBank } from './github/bank-reader.ts';
import { startGitHub } from './github/github.ts';
import { addLongHistories, type HistoriesPlan } from './github/long-histories.ts';
import type { BenchAssembly } from './product/assembly.ts';
import { functionProcesses } from './product/function-process.ts';
import { install, type Ports } from './product/installation.ts';
import { type FunctionFigures, runByHand } from './product/run-by-hand.ts';

/** One worker that synchronizes a batch with a long and a large history, in a process of its own. */
export interface HistoriesFigures extends HistoriesPlan, FunctionFigures {
  /** When it was measured, ISO 8601. */
  at: string;
  ids: number;
  processed: number;
  failed: number;
}

export interface HistoriesSetting {
  plan: HistoriesPlan;
  ports: Ports;
  assembly: BenchAssembly;
  /** A folder that does not exist yet. */
  folder: string;
  closing: Closing;
  print: (line: string) => void;
}

/** A full batch, with the two repositories that are added. */
const BATCH = 100;

export async function measureHistories(setting: HistoriesSetting): Promise<HistoriesFigures> {
  const closing = createClosing();
  setting.closing.add(closing.all);
  await mkdir(setting.folder);
  try {
    return await measureWorker({ ...setting, closing });
  } finally {
    await closing.all();
    await rm(setting.folder, { recursive: true, force: true });
  }
}

async function measureWorker(setting: HistoriesSetting): Promise<HistoriesFigures> {
  const { plan, ports, assembly, folder, closing, print } = setting;
  const installation = await install({
    ports,
    stateFolder: join(folder, 'cloud'),
    assemblyFolder: assembly.folder,
    closing,
  });
  const github = await startGitHub({
    port: ports.github,
    stateFolder: join(folder, 'github'),
    repositories: BATCH - 2,
    withoutProjectWebhook: 0,
    latencyMs: 0,
    limits: 'off',
  });
  closing.add(github.end);
  print(`histories of ${plan.smallCommits} small and ${plan.largeCommits} large commits`);
  await addLongHistories(github.url, plan);
  const ids = (await readBank(github.url).list()).length;

  print('one worker');
  const start = await functionProcesses(assembly.folder, installation);
  const { functions, processed, failed } = await runByHand(start, installation.names.stateMachine);
  const worker = functions.find(({ service }) => service === 'synchronize-batch');
  if (!worker || processed !== ids) throw new Error(`${processed} of ${ids} items were processed`);
  return { ...plan, ...worker, at: new Date().toISOString(), ids, processed, failed };
}
