/**
 * Invokes one function. Its memory is measured, so that it imports nothing but the function: even a schema library would
 * add megabytes.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { file, timeoutMs }: { file: string; timeoutMs: number } = JSON.parse(process.argv[2] ?? '');
// What Node needs without a function.
const runtimeBytes = process.memoryUsage.rss();
const { handler }: { handler: (event: object, context: object) => Promise<object> } = await import(
  pathToFileURL(file).href
);

/** Invokes the function until its work is no longer deferred, like the state machine. */
async function invoke(event: object): Promise<object> {
  const startedAt = performance.now();
  const usedBefore = process.cpuUsage();
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
    const { user, system } = process.cpuUsage(usedBefore);
    return {
      result,
      invocations,
      seconds: (performance.now() - startedAt) / 1_000,
      cpuMs: (user + system) / 1_000,
      // Since the start of the process, in kilobytes.
      peakBytes: process.resourceUsage().maxRSS * 1_024,
      runtimeBytes,
    };
  }
}

process.on(
  'message',
  async ({ id, question, details }: { id: number; question: string; details: object }) => {
    if (question === 'end') process.exit();
    process.send?.({ id, answer: await invoke(details) });
  },
);
process.once('disconnect', () => process.exit());
process.send?.({ started: {} });
