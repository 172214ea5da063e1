import type * as z from './zod.ts';

/**
 * What is wrong with a value: each fault with the name of its field, and with no content of the value.
 * @param whole names the value if the fault is the value itself.
 * @param max how many faults are named.
 */
export function faultsOf(
  { issues }: Pick<z.core.$ZodError, 'issues'>,
  whole: string,
  max = Infinity,
): string {
  const faults = issues.slice(0, max).map(({ path, message }) => `${path.join('.') || whole}: ${message}`);
  const others = issues.length - faults.length;
  return [...faults, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
}
