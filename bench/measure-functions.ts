import { functionProcesses } from './product/function-process.ts';
import { type RunByHand, runByHand } from './product/run-by-hand.ts';
import { type BankSetting, withFilledBank } from './running-bank.ts';
import type { FunctionsPlan } from './scenarios.ts';

/** What each function of an unchanged run took, in a process of its own. */
export interface FunctionsResult extends Pick<FunctionsPlan, 'id' | 'ids' | 'webhooks'>, RunByHand {
  /** ISO 8601. */
  at: string;
}

/** Measures the CPU time and the memory of each function of a run, in which nothing has changed. */
export function measureFunctions(setting: BankSetting, plan: FunctionsPlan): Promise<FunctionsResult> {
  const { assembly, print } = setting;
  return withFilledBank(setting, plan, async ({ installation }) => {
    print(`${plan.ids} ids, one function after another, webhooks: ${plan.webhooks}`);
    const start = await functionProcesses(assembly.folder, installation);
    const run = await runByHand(start, installation.names.stateMachine);
    const { id, ids, webhooks } = plan;
    return { id, ids, webhooks, at: new Date().toISOString(), ...run };
  });
}
