import type { Context } from '../context.ts';
import { count } from '../describe/quantities.ts';
import { EXIT } from '../exit.ts';
import { type Check, describeCheck } from './check.ts';

/** Shows each check as soon as it is done. The command fails if a check failed. */
export async function reportChecks(context: Context, carriedOut: AsyncIterable<Check[]>): Promise<void> {
  const { output, options } = context;
  const checks: Check[] = [];
  for await (const found of carriedOut) {
    checks.push(...found);
    if (!options().json) output.data(found.flatMap((one) => describeCheck(one, output.paint)));
  }
  if (options().json) output.json({ checks });
  const countOf = (wanted: Check['result']): number =>
    checks.filter(({ result }) => result === wanted).length;
  output.note(
    `${count(checks.length, 'check')}: ${countOf('failed')} failed, ${countOf('unknown')} unknown.`,
  );
  if (countOf('failed') > 0) context.exit = EXIT.failed;
}
