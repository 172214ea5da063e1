import { readBank } from './github/bank-reader.ts';
import { addLongHistories, type HistoriesPlan } from './github/long-histories.ts';
import { functionProcesses } from './product/function-process.ts';
import { type FunctionFigures, runByHand } from './product/run-by-hand.ts';
import { type BankSetting, withEmptyMirror } from './running-bank.ts';

/** One worker that synchronizes a batch with a long and a large history, in a process of its own. */
export interface HistoriesFigures extends HistoriesPlan, FunctionFigures {
  /** When it was measured, ISO 8601. */
  at: string;
  ids: number;
  processed: number;
  failed: number;
}

/** A full batch, with the two repositories that are added. */
const BATCH = 100;

export function measureHistories(setting: BankSetting, plan: HistoriesPlan): Promise<HistoriesFigures> {
  const { assembly, print } = setting;
  return withEmptyMirror(setting, { ids: BATCH - 2 }, async ({ installation, github }) => {
    print(`histories of ${plan.smallCommits} small and ${plan.largeCommits} large commits`);
    await addLongHistories(github.url, plan);
    const ids = (await readBank(github.url).list()).length;

    print('one worker');
    const start = await functionProcesses(assembly.folder, installation);
    const { functions, processed, failed } = await runByHand(start, installation.names.stateMachine);
    const worker = functions.find(({ service }) => service === 'synchronize-batch');
    if (!worker || processed !== ids) throw new Error(`${processed} of ${ids} items were processed`);
    return { ...plan, ...worker, at: new Date().toISOString(), ids, processed, failed };
  });
}
