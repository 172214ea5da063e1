import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import type { WebhookCheck } from './webhooks.ts';

/**
 * What is to be remembered of a webhook after a look at it. A look that failed is none: whatever was known stays.
 * @returns undefined where there is nothing new.
 */
export function noteAfter(
  known: KnownWebhook | undefined,
  check: WebhookCheck,
  at: Date,
): KnownWebhook | undefined {
  const checkedAt = at.toISOString();
  switch (check.found) {
    case 'present':
    case 'differs': {
      const { found: state, id, secretVersion } = check;
      return {
        state,
        ...(id !== undefined && { id }),
        ...(secretVersion !== undefined && { secretVersion }),
        checkedAt,
      };
    }
    case 'missing':
      return { state: 'missing', checkedAt };
    case 'forbidden': {
      const { metAt: _, ...kept } = known ?? {};
      return { ...kept, state: 'forbidden', checkedAt };
    }
    default:
      return undefined;
  }
}

/** What is remembered of a webhook that is to be looked at by a later run, so that its turn comes. */
export const noteOfWaiting = (known: KnownWebhook | undefined, at: Date): KnownWebhook | undefined =>
  known ? undefined : { state: 'unchecked', metAt: at.toISOString() };
