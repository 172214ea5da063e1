import type { GitHubLimits } from '../github/limits.ts';
import { PACE } from '../github/pacing.ts';
import { resumeAt } from '../github/resume-at.ts';
import type { Pause } from '../synchronization/pause.ts';
import type { HookPlace } from './hook-places.ts';
import { countWrite, readWrites, type WritesDependencies } from './webhook-writes.ts';

/** What of an hour's writes a run may still send. */
export interface WriteAllowance {
  /** A pause once they are used up. */
  pause: () => Pause | undefined;
  /** The same webhooks, with each write counted. */
  counting: (place: HookPlace) => HookPlace;
}

const HOUR_MS = 3_600_000;

/**
 * GitHub allows so many writes in any hour. Once nearly as many have followed one another, the last of them is to be
 * an hour old before the next: so no hour has more, wherever it begins. A row knows the count, for whichever invocation
 * or run goes on.
 */
export async function openAllowance(
  dependencies: WritesDependencies,
  limits: GitHubLimits | 'off',
): Promise<WriteAllowance> {
  if (limits === 'off') return { pause: () => undefined, counting: (place) => place };
  const { executionsTable, now } = dependencies;
  const most = Math.floor(limits.writesPerHour * PACE);
  let sent = await readWrites(executionsTable);
  const hourIsOver = (): boolean => !sent || now().getTime() >= Date.parse(sent.lastAt) + HOUR_MS;
  const count = async (): Promise<void> => {
    sent = await countWrite(dependencies, { continues: !hourIsOver() });
  };
  return {
    pause: () => {
      if (!sent || sent.writes < most || hourIsOver()) return undefined;
      const why = `${sent.writes} webhooks were written, and GitHub allows ${limits.writesPerHour} writes in an hour`;
      return { resumeAt: resumeAt(new Date(Date.parse(sent.lastAt) + HOUR_MS), dependencies), why };
    },
    counting: ({ create, update, ...place }) => ({
      ...place,
      create: async (settings) => {
        await count();
        return create(settings);
      },
      update: async (id, settings) => {
        await count();
        return update(id, settings);
      },
    }),
  };
}
