import { en } from 'zod/locales';
import * as z from 'zod/mini';

// zod/mini has no messages of its own, and people read these.
z.config(en());

export * from 'zod/mini';

/**
 * For a field that is not needed: a malformed one counts as absent, and does not cost the data beside it. z.catch would
 * add 7 KB to each bundle.
 */
// @__NO_SIDE_EFFECTS__
export const lenient = <Value>(schema: z.ZodMiniType<Value>) =>
  z.optional(z.transform((value: unknown) => schema.safeParse(value).data));
