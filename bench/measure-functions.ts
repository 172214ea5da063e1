import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Closing, createClosing } from './closing.ts';
import { readBank } from './github/bank-reader.ts';
import { startGitHub } from './github/github.ts';
import type { BenchAssembly } from './product/assembly.ts';
import { functionProcesses } from './product/function-process.ts';
import { install, type Ports } from './product/installation.ts';
import { fillMirror } from './product/mirror-fill.ts';
import { type RunByHand, runByHand } from './product/run-by-hand.ts';
import type { FunctionsPlan } from './scenarios.ts';

/** What each function of an unchanged run took, in a process of its own. */
export interface FunctionsResult extends Pick<FunctionsPlan, 'id' | 'ids' | 'webhooks'>, RunByHand {
  /** ISO 8601. */
  at: string;
}

export interface FunctionsSetting {
  plan: FunctionsPlan;
  ports: Ports;
  assembly: BenchAssembly;
  /** A folder that does not exist yet. */
  folder: string;
  closing: Closing;
  print: (line: string) => void;
}

/** Measures the CPU time and the memory of each function of a run, in which nothing has changed. */
export async function measureFunctions(setting: FunctionsSetting): Promise<FunctionsResult> {
  const { plan, ports, assembly, folder, print } = setting;
  const closing = createClosing();
  setting.closing.add(closing.all);
  await mkdir(folder);
  try {
    const installation = await install({
      ports,
      stateFolder: join(folder, 'cloud'),
      assemblyFolder: assembly.folder,
      closing,
    });
    const github = await startGitHub({
      port: ports.github,
      stateFolder: join(folder, 'github'),
      repositories: plan.ids,
      withoutProjectWebhook: 0,
      latencyMs: 0,
      limits: 'off',
    });
    closing.add(github.end);
    print(`filling the mirror with ${plan.ids} items`);
    const repositories = await readBank(github.url).list();
    await fillMirror(github.url, installation, { repositories, webhooks: plan.webhooks });
    print(`${plan.ids} ids, one function after another, webhooks: ${plan.webhooks}`);
    const start = await functionProcesses(assembly.folder, installation);
    const run = await runByHand(start, installation.names.stateMachine);
    const { id, ids, webhooks } = plan;
    return { id, ids, webhooks, at: new Date().toISOString(), ...run };
  } finally {
    await closing.all();
    await rm(folder, { recursive: true, force: true });
  }
}
