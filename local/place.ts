import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Screen } from '../cli/terminal/screen.ts';
import { findRunningCloud, type RunningCloud } from './cloud/state-folder.ts';
import { claimFolder, describeHolder, type Holder, readHolder } from './folder-lock.ts';

/** Where a command works: alone in the state folder, or in the stack of the command that holds it. */
export type Place = { kind: 'claimed'; release: () => void } | OtherStack;

/** A stack that another command runs. It ends with that command. */
export interface OtherStack {
  kind: 'other';
  stateFolder: string;
  holder: Holder | undefined;
  cloud: RunningCloud;
}

interface Claimant {
  command: string;
  screen: Pick<Screen, 'report' | 'working'>;
  signal: AbortSignal;
}

const POLL_MS = 200;

/** Claims the state folder, or waits until the stack of the command that holds it is up. */
export async function findPlace(stateFolder: string, { command, screen, signal }: Claimant): Promise<Place> {
  let waitsFor: Holder | undefined;
  for (;;) {
    const claim = claimFolder(stateFolder, command);
    if (claim.kind === 'claimed') return claim;
    const { holder } = claim;
    const cloud = await findRunningCloud(join(stateFolder, 'cloud'));
    if (cloud) return { kind: 'other', stateFolder, holder, cloud };
    if (holder && holder.since !== waitsFor?.since) {
      screen.report(`Waiting for ${describeHolder(holder)}, which is using ${stateFolder}.`);
      waitsFor = holder;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

const END_LIMIT_MS = 10_000;

/** Whether another command's stack ends within seconds. A stack closes its API before the rest, so this waits. */
export async function hasEnded({ stateFolder, holder, cloud }: OtherStack): Promise<boolean> {
  const deadline = performance.now() + END_LIMIT_MS;
  while (performance.now() < deadline) {
    const isSameHolder = readHolder(stateFolder)?.since === holder?.since;
    if (!isSameHolder || !(await findRunningCloud(cloud.stateFolder))) return true;
    await delay(POLL_MS);
  }
  return false;
}
