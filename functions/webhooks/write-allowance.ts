import type { GitHubLimits } from '../github/limits.ts';
import { PACE } from '../github/pacing.ts';
import { resumeAt } from '../github/resume-at.ts';
import type { Clock } from '../shared/clock.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import { countWebhookWrite, readWebhookWrites } from './webhook-rows.ts';
import type { WebhookTarget } from './webhook-target.ts';

/** How many webhooks may still be written within GitHub's hourly limit. */
export interface WriteAllowance {
  /** Says until when to wait once the hour's writes are used up. */
  deferral: () => Deferral | undefined;
  /** The same target, with each write counted. */
  counting: (target: WebhookTarget) => WebhookTarget;
}

const HOUR_MS = 3_600_000;

/**
 * GitHub limits writes in any period of one hour. Once nearly that many were sent in a row, the next one waits until the
 * last of them is an hour old. Then no hour contains more, whenever it begins. The count is stored, because invocations
 * and runs continue it.
 */
export async function openWriteAllowance(
  dependencies: Clock & { executionsTable: Table },
  limits: GitHubLimits | 'off',
): Promise<WriteAllowance> {
  if (limits === 'off') return { deferral: () => undefined, counting: (target) => target };
  const { executionsTable, now } = dependencies;
  const maxWrites = Math.floor(limits.writesPerHour * PACE);
  let sent = await readWebhookWrites(executionsTable);
  const isHourOver = (): boolean => !sent || now().getTime() >= Date.parse(sent.lastAt) + HOUR_MS;
  const count = async (): Promise<void> => {
    sent = await countWebhookWrite(dependencies, isHourOver() ? 'new' : 'continued');
  };
  return {
    deferral: () => {
      if (!sent || sent.writes < maxWrites || isHourOver()) return undefined;
      return {
        kind: 'rate-limited',
        resumeAt: resumeAt(new Date(Date.parse(sent.lastAt) + HOUR_MS), dependencies),
        message: `${sent.writes} webhooks were written, and GitHub allows ${limits.writesPerHour} writes an hour`,
      };
    },
    counting: ({ create, update, ...target }) => ({
      ...target,
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
