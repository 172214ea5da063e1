import { z } from 'zod';
import type { InvocationResult } from './lambda-sandbox.ts';

/** The messages of a batch that stay in the queue: all after a function error, and none otherwise. */
export const failuresOf = (result: InvocationResult, ids: readonly string[]): ReadonlySet<string> =>
  new Set('error' in result ? ids : []);

/** An empty or missing response, or an empty or missing list, is a complete success. */
const partialResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullable();

/**
 * The messages of a batch that stay in the queue according to a function that reports them. All stay after a function
 * error, and after a response that is not understood: one that is no object, or names a message that is not in the batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function reportedFailures(result: InvocationResult, ids: readonly string[]): ReadonlySet<string> {
  if ('error' in result) return new Set(ids);
  const response = partialResponse.safeParse(JSON.parse(result.payload));
  if (!response.success) return new Set(ids);
  const failed = (response.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return new Set(failed.every((id) => ids.includes(id)) ? failed : ids);
}
