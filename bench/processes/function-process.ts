/**
 * Invokes one function. Its memory is measured, so that it imports nothing but the function: even a schema library would
 * add megabytes.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { file, event, timeoutMs }: { file: string; event: object; timeoutMs: number } = JSON.parse(
  process.argv[2] ?? '',
);
const { handler }: { handler: (event: object, context: object) => Promise<object> } = await import(
  pathToFileURL(file).href
);

/** Invokes the function until its work is no longer deferred, like the state machine. */
async function invoke(): Promise<object> {
  const startedAt = performance.now();
  for (let invocations = 1; ; invocations += 1) {
    const endsAt = performance.now() + timeoutMs;
    const context = {
      awsRequestId: String(invocations),
      getRemainingTimeInMillis: () => endsAt - performance.now(),
    };
    const result = await handler(event, context);
    if ('deferred' in result && result.deferred === true && 'resumeAt' in result) {
      await delay(Math.max(0, Date.parse(String(result.resumeAt)) - Date.now()));
      continue;
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    // Since the start of the process, in kilobytes.
    const peakBytes = process.resourceUsage().maxRSS * 1_024;
    return { result, invocations, seconds, peakBytes };
  }
}

process.on('message', async ({ id, question }: { id: number; question: string }) => {
  if (question === 'end') process.exit();
  process.send?.({ id, answer: await invoke() });
});
process.once('disconnect', () => process.exit());
process.send?.({ started: {} });
