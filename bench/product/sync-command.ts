import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Closing } from '../closing.ts';
import type { Ports } from './installation.ts';

/** `npm run sync` in a bank of so many repositories. */
export interface CommandPlan {
  ids: number;
  timeoutSeconds: number;
}

/** The whole command, from its start to its end. */
export interface CommandRun {
  seconds: number;
  /** The largest sum of the resident sets of all its processes; undefined where the system does not tell. */
  peakBytes?: number;
}

export interface CommandFigures extends Pick<CommandPlan, 'ids'> {
  /** ISO 8601. */
  at: string;
  first: CommandRun;
  /** The same again, with nothing changed. */
  unchanged: CommandRun;
}

export interface CommandSetting {
  plan: CommandPlan;
  ports: Ports;
  /** A folder that does not exist yet. */
  folder: string;
  closing: Closing;
  print: (line: string) => void;
}

/** Runs the command that a newcomer runs, twice. */
export async function measureSyncCommand(setting: CommandSetting): Promise<CommandFigures> {
  const { ids } = setting.plan;
  setting.print(`npm run sync with ${ids} ids, an empty mirror`);
  const first = await runCommand(setting);
  setting.print(`npm run sync with ${ids} ids, unchanged`);
  const unchanged = await runCommand(setting);
  return { at: new Date().toISOString(), ids, first, unchanged };
}

const ROOT = join(import.meta.dirname, '..', '..');
const SAMPLE_MS = 500;

async function runCommand({ plan, ports, folder, closing }: CommandSetting): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', 'sync'], {
    cwd: ROOT,
    stdio: 'ignore',
    timeout: plan.timeoutSeconds * 1_000,
    env: {
      ...process.env,
      LOCAL_STATE_FOLDER: folder,
      LOCAL_AWS_PORT: String(ports.aws),
      LOCAL_API_PORT: String(ports.api),
      LOCAL_IDENTITY_PORT: String(ports.identityProvider),
      LOCAL_GITHUB_PORT: String(ports.github),
      ITEM_BANK_SIZE: String(plan.ids),
      LOG_LEVEL: 'WARN',
    },
  });
  closing.add(async () => void child.kill());
  const exit = once(child, 'exit');
  const ended = exit.then(() => 'ended' as const);
  let peakBytes: number | undefined;
  while (child.pid !== undefined && (await Promise.race([ended, delay(SAMPLE_MS)])) !== 'ended') {
    const bytes = await residentBytes(child.pid);
    if (bytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }
  const [code, signal] = await exit;
  if (code !== 0) throw new Error(`npm run sync ended with ${signal ?? code}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { seconds, ...(peakBytes !== undefined && { peakBytes }) };
}

/** The resident sets of a process and its descendants; undefined if the process is gone, or not on Linux. */
async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const own = Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0) * 1_024;
    const threads = await readdir(`/proc/${pid}/task`);
    const children = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    const pids = (await Promise.all(children)).flatMap((list) => list.split(' ').filter(Boolean));
    const others = await Promise.all(pids.map((child) => residentBytes(Number(child))));
    return others.reduce<number>((sum, bytes) => sum + (bytes ?? 0), own);
  } catch {
    return undefined;
  }
}
