import { join } from 'node:path';
import type { ListedRepository } from '../functions/shared/contract/repositories.ts';
import { PUBLISHED_LIMITS } from '../local/github/limits/published-limits.ts';
import { type Closing, createClosing } from './closing.ts';
import { makeHistories, readBank } from './github/bank-reader.ts';
import { type BaselineFigures, walk } from './github/baselines.ts';
import { changeItems } from './github/change-items.ts';
import { floorSeconds, type Work } from './github/floor.ts';
import { type BenchGitHub, startGitHub } from './github/github.ts';
import { loadApi } from './product/api-load.ts';
import type { BenchAssembly } from './product/assembly.ts';
import { type Installation, install, type Ports } from './product/installation.ts';
import { fillMirror } from './product/mirror-fill.ts';
import { measureRun, type RunFigures } from './product/run.ts';
import type { LoadFigures, ScenarioResult } from './results.ts';
import type { BankPlan, RunPlan } from './scenarios.ts';
import { middleOf } from './statistics.ts';

export interface BankSetting {
  plan: BankPlan;
  ports: Ports;
  assembly: BenchAssembly;
  /** An empty folder. */
  folder: string;
  closing: Closing;
  print: (line: string) => void;
}

/** A typical choice for a script that is written to be fast. */
const PARALLEL_IN_FLIGHT = 50;

export interface BankResult {
  scenarios: ScenarioResult[];
  load?: LoadFigures;
}

/** Starts a bank and an installation, measures them according to the plan, and stops both. */
export async function measureBank(setting: BankSetting): Promise<BankResult> {
  const closing = createClosing();
  setting.closing.add(closing.all);
  try {
    return await measureAll({ ...setting, closing });
  } finally {
    await closing.all();
  }
}

/** The setting, and what has been started in it. */
interface Measuring extends BankSetting {
  installation: Installation;
  /** The whole bank. */
  repositories: readonly ListedRepository[];
}

async function measureAll(setting: BankSetting): Promise<BankResult> {
  const { plan, ports, assembly, folder, closing, print } = setting;
  const installation = await install({
    ports,
    stateFolder: join(folder, 'cloud'),
    assemblyFolder: assembly.folder,
    closing,
  });
  const repositories = await withGitHub(setting, FILLING, ({ url }) => readBank(url).list());
  const measuring: Measuring = { ...setting, installation, repositories };
  if (plan.mirror === 'full') {
    print(`filling the mirror with ${plan.ids} items`);
    const mirrored = { repositories, webhooks: plan.webhooks };
    await withGitHub(setting, FILLING, ({ url }) => fillMirror(url, installation, mirrored));
  }
  const sequential = await walkOneByOne(measuring);
  const scenarios: ScenarioResult[] = [];
  for (const run of plan.runs) {
    print(`${plan.ids} ids, ${run.title}`);
    const scenario = await measureScenario(measuring, run);
    scenarios.push({ ...scenario, ...(sequential && { sequential }) });
  }
  const load = await measureLoad(measuring);
  return { scenarios, ...(load && { load }) };
}

type Conditions = Pick<RunPlan, 'latencyMs'> & Pick<BankPlan, 'limits' | 'queries'>;
const FILLING: Conditions = { latencyMs: 0, limits: 'off', queries: 'at once' };

/** Starts a new simulated GitHub, so that no measurement meets limits that another has used up. Its queries take no time. */
async function withGitHub<T>(
  { plan, ports, folder, closing }: BankSetting,
  conditions: Conditions,
  use: (github: BenchGitHub) => Promise<T>,
): Promise<T> {
  const github = await startGitHub({
    port: ports.github,
    stateFolder: join(folder, 'github'),
    repositories: plan.ids,
    withoutProjectWebhook: plan.withoutProjectWebhook,
    ...conditions,
  });
  closing.add(github.end);
  try {
    return await use(github);
  } finally {
    await github.end();
  }
}

/**
 * As `withGitHub`, but the simulated GitHub has already generated the histories that it generates on first use. Queries take
 * time only after that, because GitHub limits their time.
 */
function withWarmGitHub<T>(
  measuring: Measuring,
  conditions: Conditions,
  use: (github: BenchGitHub) => Promise<T>,
): Promise<T> {
  return withGitHub(measuring, conditions, async (github) => {
    await makeHistories(github.url, measuring.repositories);
    if (conditions.queries === 'computed') await github.takeTime();
    return use(github);
  });
}

async function measureScenario(measuring: Measuring, run: RunPlan): Promise<ScenarioResult> {
  const { id, title, latencyMs } = run;
  const { ids, mirror, webhooks, limits, queries } = measuring.plan;
  const at = new Date().toISOString();
  const result: ScenarioResult = { id, title, at, ids, mirror, webhooks, latencyMs, limits };
  // Without latency, the CPU time of the simulated GitHub is part of the result. A large bank's histories are not cached.
  const withOwnGitHub = latencyMs > 0 ? withWarmGitHub : withGitHub;
  try {
    const conditions = { latencyMs, limits, queries };
    const runs = await withOwnGitHub(measuring, conditions, (github) => measureRuns(measuring, run, github));
    Object.assign(result, summarize(measuring, run, runs));
  } catch (error) {
    // The other scenarios are still measured. The report shows this failure.
    result.failure = error instanceof Error ? error.message : String(error);
    measuring.print(`  ${result.failure}`);
  }
  if (run.hasParallel) result.parallel = await walkInParallel(measuring, run);
  return result;
}

async function measureRuns(
  { assembly, plan, installation }: Measuring,
  run: RunPlan,
  github: BenchGitHub,
): Promise<RunFigures[]> {
  const runs: RunFigures[] = [];
  for (let time = 0; time < run.times; time += 1) {
    await changeItems(github.url, Math.round((plan.ids * run.changedPercent) / 100));
    const { functions } = assembly;
    runs.push(await measureRun({ installation, github, functions, timeoutSeconds: run.timeoutSeconds }));
  }
  return runs;
}

/** The median run, the range of all runs, and the floor. */
function summarize(
  { plan }: Measuring,
  { latencyMs }: RunPlan,
  runs: readonly RunFigures[],
): Partial<ScenarioResult> {
  const run = middleOf(runs, ({ seconds }) => seconds);
  if (!run) return {};
  const all = runs.map(({ seconds }) => seconds);
  const range = { leastSeconds: Math.min(...all), mostSeconds: Math.max(...all), times: runs.length };
  const isLimited = plan.limits !== 'off';
  const limits = plan.limits === 'off' ? PUBLISHED_LIMITS : { ...PUBLISHED_LIMITS, ...plan.limits };
  return {
    run,
    ...(runs.length > 1 && { range }),
    ...(latencyMs > 0 && { floorSeconds: floorSeconds(workOf(run, plan), { latencyMs, isLimited, limits }) }),
  };
}

function workOf({ counts }: RunFigures, { webhookShare }: BankPlan): Work {
  return {
    ids: counts.total,
    changed: counts.created + counts.updated,
    webhooksChecked: Math.ceil(counts.total * webhookShare),
    webhooksCreated: counts.requiringProjectWebhook,
  };
}

/** Measured once for all runs, because its requests depend neither on the mirror nor on what has changed. */
async function walkOneByOne(measuring: Measuring): Promise<BaselineFigures | undefined> {
  const { sequentialSample: sample, runs, ids, limits, queries } = measuring.plan;
  const [first] = runs;
  if (sample === undefined || !first) return undefined;
  measuring.print(`${sample} of ${ids} ids, by the pattern of the original`);
  const conditions = { latencyMs: first.latencyMs, limits, queries };
  return withWarmGitHub(measuring, conditions, ({ url }) => walk({ url, inFlight: 1, sample }));
}

function walkInParallel(measuring: Measuring, { latencyMs }: RunPlan): Promise<BaselineFigures> {
  measuring.print(`  the same by a script with ${PARALLEL_IN_FLIGHT} requests in flight`);
  const { limits, queries } = measuring.plan;
  const conditions = { latencyMs, limits, queries };
  return withWarmGitHub(measuring, conditions, ({ url }) => walk({ url, inFlight: PARALLEL_IN_FLIGHT }));
}

/** Measures the API twice: while nothing else happens, and while runs are under way. */
async function measureLoad(measuring: Measuring): Promise<LoadFigures | undefined> {
  const { installation, print } = measuring;
  const { load, runs, limits, queries, ids } = measuring.plan;
  const [first] = runs;
  if (!load || !first) return undefined;
  print(`${load.perSecond} requests a second for ${load.seconds} seconds, idle and during runs`);
  try {
    const conditions = { latencyMs: first.latencyMs, limits, queries };
    return await withWarmGitHub(measuring, conditions, async () => {
      const idle = await loadApi(installation, load, 'idle');
      const duringRuns = await loadApi(installation, load, 'during runs');
      return { at: new Date().toISOString(), ids, idle, duringRuns };
    });
  } catch (error) {
    // The results so far are still reported.
    print(`  ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
