import { mkdir, rm } from 'node:fs/promises';
import { cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../local/cloud/ports.ts';
import { printable } from '../local/terminal.ts';
import type { Closing } from './closing.ts';
import { measureBank } from './measure-bank.ts';
import { type HistoriesFigures, type HistoriesSetting, measureHistories } from './measure-histories.ts';
import { type BenchAssembly, prepareAssembly } from './product/assembly.ts';
import { measureBundles } from './product/bundles.ts';
import { configurationOf, environmentOf, type Ports } from './product/installation.ts';
import type { Results } from './results.ts';
import type { BankPlan, Plan } from './scenarios.ts';

export interface Benchmark {
  plan: Plan;
  isQuick: boolean;
  /** For temporary files. */
  folder: string;
  closing: Closing;
}

/** Measures everything in the plan, one thing after another. */
export async function measure(benchmark: Benchmark): Promise<Results> {
  const { plan, isQuick, folder, closing } = benchmark;
  const startedAt = new Date();
  const ports = await choosePorts();
  const assemblies = createAssemblies(folder, ports);
  const print = printSince(startedAt);
  const results: Pick<Results, 'load'> & { scenarios: Results['scenarios'][number][] } = { scenarios: [] };
  for (const bank of plan.banks) {
    print(`a bank of ${bank.ids} repositories`);
    const assembly = await assemblies(bank);
    const own = join(folder, bank.id);
    await mkdir(own);
    const setting = { plan: bank, ports, assembly, folder: own, closing, print };
    const { scenarios, load } = await measureBank(setting);
    results.scenarios.push(...scenarios);
    if (load) results.load = { ...load, ids: bank.ids };
    await rm(own, { recursive: true, force: true });
  }
  const assembly = await assemblies(DEFAULT_STACK);
  const histories = await measureWorker(benchmark, { ports, assembly, print });
  print('bundles');
  const bundles = await measureBundles(assembly.functions, plan.imports);
  const seconds = (Date.now() - startedAt.getTime()) / 1_000;
  const about = { at: startedAt.toISOString(), isQuick, seconds, machine: describeMachine() };
  return { ...about, ...results, histories, bundles };
}

/** Measures the memory of a worker only. The results are those that are given, with this figure. */
export async function measureHistoriesOnly(benchmark: Benchmark, results: Results): Promise<Results> {
  const ports = await choosePorts();
  const assembly = await createAssemblies(benchmark.folder, ports)(DEFAULT_STACK);
  const print = printSince(new Date());
  return { ...results, histories: await measureWorker(benchmark, { ports, assembly, print }) };
}

function measureWorker(
  { plan, folder, closing }: Benchmark,
  stack: Pick<HistoriesSetting, 'ports' | 'assembly' | 'print'>,
): Promise<HistoriesFigures> {
  return measureHistories({ ...stack, plan: plan.histories, folder: join(folder, 'histories'), closing });
}

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
const DEFAULT_STACK: StackPlan = { settings: {}, limits: 'off' };

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
