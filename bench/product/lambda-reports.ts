import * as z from 'zod';

/** An event of the function log. */
export interface LogEvent {
  logStreamName?: string | undefined;
  message?: string | undefined;
}

export interface LambdaFigures {
  invocations: number;
  gbSeconds: number;
}

const Report = z.object({
  type: z.literal('platform.report'),
  record: z.object({ metrics: z.object({ durationMs: z.number() }) }),
});

/**
 * Adds up the platform's reports of all invocations. The duration of the first invocation in a worker includes its
 * initialization, which Lambda charges, too.
 * @param memoryMb configured, by function.
 */
export function readReports(
  events: readonly LogEvent[],
  memoryMb: ReadonlyMap<string, number>,
): LambdaFigures {
  const figures: LambdaFigures = { invocations: 0, gbSeconds: 0 };
  for (const { logStreamName = '', message = '' } of events) {
    const report = parseReport(message);
    if (!report) continue;
    figures.invocations += 1;
    figures.gbSeconds += gbSecondsOf(report.metrics.durationMs, memoryOf(logStreamName, memoryMb));
  }
  return figures;
}

/** How long each invocation of a function took, in milliseconds. */
export const durationsOf = (events: readonly LogEvent[], functionName: string): number[] =>
  events
    .filter(({ logStreamName = '' }) => logStreamName.includes(`/${functionName}[`))
    .flatMap(({ message = '' }) => parseReport(message)?.metrics.durationMs ?? []);

function parseReport(message: string): z.infer<typeof Report>['record'] | undefined {
  if (!message.includes('platform.report')) return undefined;
  const parsed = Report.safeParse(JSON.parse(message));
  return parsed.success ? parsed.data.record : undefined;
}

/** `2026/11/23/<function>[$LATEST]<id>`. */
function memoryOf(logStreamName: string, memoryMb: ReadonlyMap<string, number>): number {
  const name = logStreamName.match(/([^/]+)\[\$LATEST\]/)?.[1] ?? '';
  const found = memoryMb.get(name);
  if (found === undefined) throw new Error(`${logStreamName} is not of a known function`);
  return found;
}

/** Durations are charged by the millisecond. */
const gbSecondsOf = (durationMs: number, mb: number): number =>
  (Math.ceil(durationMs) / 1_000) * (mb / 1_024);
