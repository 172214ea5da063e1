import { mkdir, rm } from 'node:fs/promises';
import { cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { printable } from '../cli/terminal/terminal.ts';
import { freePort } from '../local/cloud/ports.ts';
import type { Closing } from './closing.ts';
import { measureBank } from './measure-bank.ts';
import { type FunctionsResult, measureFunctions } from './measure-functions.ts';
import { measureHistories } from './measure-histories.ts';
import { type BenchAssembly, prepareAssembly } from './product/assembly.ts';
import { measureBundles } from './product/bundles.ts';
import { configurationOf, environmentOf, type Ports, webhookUrl } from './product/installation.ts';
import { measurePushes } from './product/pushes.ts';
import { measureSyncCommand } from './product/sync-command.ts';
import type { Results, ScenarioResult } from './results.ts';
import { withFilledBank } from './running-bank.ts';
import type { BankPlan, Extent, Plan } from './scenarios.ts';

export interface Benchmark {
  plan: Plan;
  extent: Extent;
  /** For temporary files. */
  folder: string;
  closing: Closing;
}

/** Measures everything in the plan, one thing after another. */
export async function measure({ plan, extent, folder, closing }: Benchmark): Promise<Results> {
  const startedAt = new Date();
  const ports = await choosePorts();
  const assemblies = createAssemblies(folder, ports);
  const print = printSince(startedAt);
  const setting = { ports, closing, print };
  const measured: Measured = { scenarios: [], functions: [], bundles: [] };
  for (const bank of plan.banks) {
    print(`a bank of ${bank.ids} repositories`);
    const assembly = await assemblies(bank);
    const own = join(folder, bank.id);
    await mkdir(own);
    const { scenarios, load } = await measureBank({ ...setting, plan: bank, assembly, folder: own });
    measured.scenarios.push(...scenarios);
    if (load) measured.load = load;
    await rm(own, { recursive: true, force: true });
  }
  for (const run of plan.functions) {
    const assembly = await assemblies({ ...WITHOUT_LIMITS, ...run });
    const own = join(folder, run.id);
    measured.functions.push(await measureFunctions({ ...setting, assembly, folder: own }, run));
  }
  if (plan.pushes) {
    const deliverTo = webhookUrl(ports);
    const assembly = await assemblies({ ...WITHOUT_LIMITS, settings: { projectWebhookUrl: deliverTo } });
    const { pushes } = plan;
    const bank = { ids: pushes.ids, webhooks: 'of the organization', deliverTo } as const;
    const own = { ...setting, assembly, folder: join(folder, 'pushes') };
    measured.pushes = await withFilledBank(own, bank, (filled) => {
      print('pushes');
      return measurePushes(pushes, filled);
    });
  }
  if (plan.command) {
    const own = join(folder, 'command');
    measured.command = await measureSyncCommand({ ...setting, plan: plan.command, folder: own });
  }
  const standard = await assemblies({ ...WITHOUT_LIMITS, settings: {} });
  if (plan.histories) {
    const own = join(folder, 'histories');
    const bank = { ...setting, assembly: standard, folder: own };
    measured.histories = await measureHistories(bank, plan.histories);
  }
  if (plan.imports > 0) {
    print('bundles');
    measured.bundles = await measureBundles(standard.functions, plan.imports);
  }
  const seconds = (Date.now() - startedAt.getTime()) / 1_000;
  return { at: startedAt.toISOString(), extent, seconds, machine: describeMachine(), ...measured };
}

type Measured = {
  scenarios: ScenarioResult[];
  functions: FunctionsResult[];
} & Pick<Results, 'load' | 'pushes' | 'command' | 'histories' | 'bundles'>;

const printSince =
  (startedAt: Date) =>
  (line: string): void => {
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
    console.log(printable(`${String(seconds).padStart(4)} s  ${line}`));
  };

/** Free ports. All banks use the same ones, because the template contains them. */
async function choosePorts(): Promise<Ports> {
  return {
    aws: await freePort(),
    api: await freePort(),
    identityProvider: await freePort(),
    github: await freePort(),
  };
}

type StackPlan = Pick<BankPlan, 'settings' | 'limits'>;
const WITHOUT_LIMITS = { limits: 'off' } as const;

/** Synthesizes once for all banks whose stacks have the same settings, because a synthesis takes seconds. */
function createAssemblies(folder: string, ports: Ports) {
  const known = new Map<string, Promise<BenchAssembly>>();
  return (bank: StackPlan): Promise<BenchAssembly> => {
    const settings = { githubLimits: bank.limits === 'off' ? 'off' : 'published', ...bank.settings };
    const key = JSON.stringify(settings);
    const prepared =
      known.get(key) ??
      prepareAssembly({
        stateFolder: join(folder, `synthesis-${known.size}`),
        configuration: configurationOf(environmentOf(ports)),
        settings,
      });
    known.set(key, prepared);
    return prepared;
  };
}

function describeMachine(): Results['machine'] {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  return {
    cpu: model,
    cores: others.length + 1,
    node: process.versions.node,
    // Without the suffix of the distribution.
    system: `${type()} ${release().replace(/-.*$/, '')}`,
  };
}
