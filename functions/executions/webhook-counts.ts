import { WEBHOOK_STATES, type WebhookState } from '../shared/contract/webhooks.ts';
import * as z from '../shared/zod.ts';

/** How many repositories have a project webhook in each state. */
export type WebhookCounts = Record<WebhookState, number>;

// A record of an earlier release has no count of a state that it did not know.
const count = z._default(z.number(), 0);
export const WebhookCountsCodec = z.object({
  present: count,
  missing: count,
  differs: count,
  created: count,
  repaired: count,
  archived: count,
  forbidden: count,
  unchecked: count,
} satisfies Record<WebhookState, z.ZodMiniType>);

export const webhooksBy = (countOf: (state: WebhookState) => number): WebhookCounts =>
  Object.fromEntries(WEBHOOK_STATES.map((state) => [state, countOf(state)])) as WebhookCounts;

export const NO_WEBHOOKS = webhooksBy(() => 0);

export const sumWebhooks = (left: WebhookCounts, right: WebhookCounts): WebhookCounts =>
  webhooksBy((state) => left[state] + right[state]);

/** The counts after webhooks that were found in one state were left in another. */
export function afterWrites(
  found: WebhookCounts,
  written: readonly { found: WebhookState; left: WebhookState }[],
): WebhookCounts {
  const counts = { ...found };
  for (const { found: before, left } of written) {
    counts[before] -= 1;
    counts[left] += 1;
  }
  return counts;
}
