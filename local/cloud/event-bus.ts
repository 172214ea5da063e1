import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../../cli/terminal/terminal.ts';
import type { AwsService } from './aws-service.ts';
import { DEFAULT_BUS, nameOfBus, type Rule, readRule, ruleOperations } from './event-rules.ts';
import type { Lambda } from './lambda.ts';
import { type CloudEvent, envelope, type Publication, putEventsOperation } from './put-events.ts';
import type { Queues } from './queues.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { Stack } from './stack.ts';

export interface EventBuses {
  /** Puts an event of an AWS service on the default bus. */
  publish(event: Publication): void;
  service: AwsService;
  /** Delivers a rule's scheduled event for `time` now. Resolves when its targets have finished. */
  fireRule(name: string, time: Date): Promise<void>;
  nextRuns(): { rule: string; at: Date }[];
  close(): void;
}

export interface EventBusesOptions {
  stack: Pick<Stack, 'all'>;
  /** Records the events of custom buses as JSON lines in `event-buses/<name>.jsonl`. */
  stateFolder: string;
  lambda: Pick<Lambda, 'invokeAsync'>;
  queues: Pick<Queues, 'send'>;
  warn: (message: string) => void;
}

/** Check the clock at least this often, because timers do not count the time that a computer sleeps. */
const LONGEST_SLEEP_MS = 60_000;

/** Starts the default event bus, and the buses and rules of the template. */
export function startEventBuses(options: EventBusesOptions): EventBuses {
  const { stack, stateFolder, warn } = options;
  const buses = stack.all('AWS::Events::EventBus');
  const startedAt = new Date();
  const all = stack.all('AWS::Events::Rule').map((resource) => readRule(resource, { buses, startedAt }));
  const enabled = all.filter(({ resource }) => resource.properties.State === 'ENABLED');
  const record = openRecord(stateFolder);

  const deliver = async ({ resource }: Rule, event: object) => {
    const { Targets } = resource.properties;
    await Promise.all(Targets.map((target) => deliverTo(target, { event, ruleArn: resource.arn }, options)));
  };
  const deliverInBackground = (rule: Rule, event: object) =>
    void deliver(rule, event).catch((error) => warn(`Rule ${rule.resource.name}: ${error}`));
  const put = (event: CloudEvent, nameOrArn: string) => {
    const bus = nameOfBus(buses, nameOrArn);
    // EventBridge accepts such an event and drops it without an error.
    if (bus === undefined) return warn(`Dropped an event: there is no event bus ${printable(nameOrArn)}.`);
    if (bus !== DEFAULT_BUS) record(event, bus);
    for (const rule of enabled) if (rule.bus === bus && rule.matches(event)) deliverInBackground(rule, event);
  };
  const stops = enabled.map((rule) =>
    runOnSchedule(rule, (time) => deliverInBackground(rule, scheduled(rule, time))),
  );

  return {
    publish: (published) => put(envelope(published, new Date()), DEFAULT_BUS),
    service: {
      target: 'AWSEvents',
      protocol: 'application/x-amz-json-1.1',
      operations: {
        PutEvents: putEventsOperation(put),
        ...ruleOperations(all, (nameOrArn) => nameOfBus(buses, nameOrArn)),
      },
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

type RuleTarget = PropertiesOf<'AWS::Events::Rule'>['Targets'][number];

interface RuleEvent {
  event: object;
  ruleArn: string;
}

/**
 * Delivers an event to a function. Delivery fails only if the function does not exist. An event that the function does
 * not handle goes to the dead-letter queue of the function, not to that of the rule.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
 */
async function deliverTo(
  { Arn, Input, DeadLetterConfig }: RuleTarget,
  { event, ruleArn }: RuleEvent,
  { lambda, queues }: EventBusesOptions,
): Promise<void> {
  try {
    await lambda.invokeAsync(Arn, Input === undefined ? event : JSON.parse(Input));
  } catch (error) {
    if (DeadLetterConfig === undefined) throw error;
    const attributes = {
      RULE_ARN: ruleArn,
      TARGET_ARN: Arn,
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: String(error),
    };
    const texts = Object.entries(attributes).map(
      ([name, StringValue]) => [name, { DataType: 'String' as const, StringValue }] as const,
    );
    await queues.send(DeadLetterConfig.Arn, JSON.stringify(event), Object.fromEntries(texts));
  }
}

/** Records events, so that a person can see what the consumers of a bus would receive. */
function openRecord(stateFolder: string): (event: CloudEvent, bus: string) => void {
  const folder = path.join(stateFolder, 'event-buses');
  mkdirSync(folder, { recursive: true });
  return (event, bus) => appendFileSync(path.join(folder, `${bus}.jsonl`), `${JSON.stringify(event)}\n`);
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

/** The event's time is the scheduled minute, so that a second delivery is recognizable. */
function scheduled({ resource }: Rule, time: Date): CloudEvent {
  const published = {
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    resources: [resource.arn],
    detail: {},
  };
  return envelope(published, new Date(Math.floor(time.getTime() / 60_000) * 60_000));
}
