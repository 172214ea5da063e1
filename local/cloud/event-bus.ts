import { randomUUID } from 'node:crypto';
import { compileEventPattern } from './event-pattern.ts';
import type { Lambda } from './lambda.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import type { StackResource } from './stack.ts';
import { ACCOUNT, REGION } from './template.ts';

type RuleResource = StackResource<'AWS::Events::Rule'>;

export interface EventBus {
  publish(event: { source: string; 'detail-type': string; resources: string[]; detail: object }): void;
  /** Delivers a rule's scheduled event as if `time` had come. Resolves when its targets are done with it. */
  fireRule(name: string, time: Date): Promise<void>;
  nextRuns(): { rule: string; at: Date }[];
  close(): void;
}

export interface EventBusOptions {
  rules: readonly RuleResource[];
  lambda: Pick<Lambda, 'invokeAsync'>;
  warn: (message: string) => void;
}

/** A rule whose expressions were understood. */
interface Rule {
  resource: RuleResource;
  schedule: Schedule | undefined;
  matches: (event: unknown) => boolean;
}

/** What of these rules cannot run here, by name. */
export function faultsOfRules(rules: readonly RuleResource[]): string[] {
  return rules.flatMap((resource) => {
    try {
      readRule(resource, new Date(0));
      return [];
    } catch (error) {
      return [`${resource.logicalId}: AWS::Events::Rule ${error instanceof Error ? error.message : error}`];
    }
  });
}

function readRule(resource: RuleResource, startedAt: Date): Rule {
  const { ScheduleExpression, EventPattern } = resource.properties;
  return {
    resource,
    schedule: ScheduleExpression === undefined ? undefined : parseSchedule(ScheduleExpression, startedAt),
    matches: EventPattern === undefined ? () => false : compileEventPattern(EventPattern),
  };
}

/** The clock is asked this often, because a timer does not count the time that a computer sleeps. */
const LONGEST_SLEEP_MS = 60_000;

/** The default event bus, and the rules of the template on it. */
export function startEventBus({ rules, lambda, warn }: EventBusOptions): EventBus {
  const startedAt = new Date();
  const all = rules.map((resource) => readRule(resource, startedAt));
  const enabled = all.filter(({ resource }) => resource.properties.State === 'ENABLED');

  const deliver = async ({ resource }: Rule, event: object) => {
    const invocations = resource.properties.Targets.map(({ Arn, Input }) =>
      lambda.invokeAsync(Arn, Input === undefined ? event : JSON.parse(Input)),
    );
    await Promise.all(invocations);
  };
  const deliverInBackground = (rule: Rule, event: object) =>
    void deliver(rule, event).catch((error) => warn(`Rule ${rule.resource.name}: ${error}`));
  const stops = enabled.map((rule) =>
    runOnSchedule(rule, (time) => deliverInBackground(rule, scheduled(rule, time))),
  );

  return {
    publish: (published) => {
      const event = { ...envelope(new Date()), ...published };
      for (const rule of enabled) if (rule.matches(event)) deliverInBackground(rule, event);
    },
    fireRule: async (name, time) => {
      const rule = all.find(({ resource }) => resource.name === name || resource.logicalId === name);
      if (rule?.schedule === undefined) throw new Error(`There is no scheduled rule ${name}.`);
      await deliver(rule, scheduled(rule, time));
    },
    nextRuns: () =>
      enabled.flatMap(({ resource, schedule }) => {
        const at = schedule?.next(new Date());
        return at ? [{ rule: resource.name, at }] : [];
      }),
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

function runOnSchedule({ schedule }: Rule, run: (time: Date) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (next: Date | null | undefined) => {
    if (!next) return;
    timer = setTimeout(
      () => {
        if (Date.now() < next.getTime()) return wait(next);
        run(next);
        wait(schedule?.next(new Date(Math.max(Date.now(), next.getTime()))));
      },
      Math.min(LONGEST_SLEEP_MS, Math.max(0, next.getTime() - Date.now())),
    );
  };
  wait(schedule?.next(new Date()));
  return () => clearTimeout(timer);
}

const envelope = (time: Date) => ({
  version: '0',
  id: randomUUID(),
  account: ACCOUNT,
  region: REGION,
  time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
});

/** Its time is the minute that it was scheduled for, which is what makes a second delivery recognizable. */
function scheduled({ resource }: Rule, time: Date): object {
  const minute = new Date(Math.floor(time.getTime() / 60_000) * 60_000);
  return {
    ...envelope(minute),
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    resources: [resource.arn],
    detail: {},
  };
}
