import { z } from 'zod';
import { AwsError, type AwsService, pageOf, parseInput } from './aws-service.ts';
import { compileEventPattern } from './event-pattern.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import type { Stack, StackResource } from './stack.ts';

type RuleResource = StackResource<'AWS::Events::Rule'>;
type BusResource = StackResource<'AWS::Events::EventBus'>;

/** A rule with its parsed expressions. */
export interface Rule {
  resource: RuleResource;
  bus: string;
  schedule: Schedule | undefined;
  matches: (event: unknown) => boolean;
}

export const DEFAULT_BUS = 'default';

/** Names the rules that cannot run here, and why. */
export function faultsOfRules(stack: Pick<Stack, 'all'>): string[] {
  return stack.all('AWS::Events::Rule').flatMap((resource) => {
    try {
      readRule(resource, { buses: stack.all('AWS::Events::EventBus'), startedAt: new Date(0) });
      return [];
    } catch (error) {
      return [`${resource.logicalId}: AWS::Events::Rule ${error instanceof Error ? error.message : error}`];
    }
  });
}

interface RuleContext {
  buses: readonly BusResource[];
  startedAt: Date;
}

export function readRule(resource: RuleResource, { buses, startedAt }: RuleContext): Rule {
  const { EventBusName = DEFAULT_BUS, ScheduleExpression, EventPattern } = resource.properties;
  const bus = nameOfBus(buses, EventBusName);
  if (bus === undefined) throw new Error(`has event bus ${EventBusName}, which is not in the template`);
  if (ScheduleExpression !== undefined && bus !== DEFAULT_BUS) {
    throw new Error(`has a schedule on event bus ${bus}, but schedules run only on the default bus`);
  }
  return {
    resource,
    bus,
    schedule: ScheduleExpression === undefined ? undefined : parseSchedule(ScheduleExpression, startedAt),
    matches: EventPattern === undefined ? () => false : compileEventPattern(EventPattern),
  };
}

export function nameOfBus(buses: readonly BusResource[], nameOrArn: string): string | undefined {
  if (nameOrArn === DEFAULT_BUS) return DEFAULT_BUS;
  return buses.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn)?.name;
}

const EventBusName = z.string().default('default');
const paging = {
  Limit: z.number().int().min(1).max(100).default(100),
  NextToken: z.string().optional(),
};

const inputs = {
  list: z.strictObject({ EventBusName, NamePrefix: z.string().default(''), ...paging }),
  describe: z.strictObject({ EventBusName, Name: z.string() }),
  targets: z.strictObject({ EventBusName, Rule: z.string(), ...paging }),
};

/** The operations of EventBridge that read rules. `nameOfBus` finds a bus by name or ARN. */
export function ruleOperations(
  rules: readonly Rule[],
  nameOfBus: (nameOrArn: string) => string | undefined,
): AwsService['operations'] {
  const on = (nameOrArn: string) => {
    const name = nameOfBus(nameOrArn);
    if (name === undefined) throw notFound(`Event bus ${nameOrArn} does not exist.`);
    return rules.filter(({ bus }) => bus === name);
  };
  const find = (name: string, bus: string) => {
    const rule = on(bus).find(({ resource }) => resource.name === name);
    if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  };
  return {
    ListRules: (input) => {
      const { EventBusName: bus, NamePrefix, ...page } = parseInput(inputs.list, input);
      const { items, nextToken } = pageOf({
        items: on(bus)
          .filter(({ resource }) => resource.name.startsWith(NamePrefix))
          .sort((a, b) => (a.resource.name < b.resource.name ? -1 : 1)),
        keyOf: ({ resource }) => resource.name,
        ...toListing(page, ['ListRules', bus, NamePrefix]),
      });
      return { Rules: items.map(describe), NextToken: nextToken };
    },
    DescribeRule: (input) => {
      const { EventBusName: bus, Name } = parseInput(inputs.describe, input);
      return describe(find(Name, bus));
    },
    ListTargetsByRule: (input) => {
      const { EventBusName: bus, Rule: name, ...page } = parseInput(inputs.targets, input);
      const { items, nextToken } = pageOf({
        items: find(name, bus).resource.properties.Targets.toSorted((a, b) => (a.Id < b.Id ? -1 : 1)),
        keyOf: ({ Id }) => Id,
        ...toListing(page, ['ListTargetsByRule', bus, name]),
      });
      return { Targets: items, NextToken: nextToken };
    },
  };
}

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);

const toListing = ({ Limit, NextToken }: z.output<z.ZodObject<typeof paging>>, query: unknown) => ({
  limit: Limit,
  nextToken: NextToken,
  query,
  badToken: 'ValidationException',
});

const describe = ({ resource: { name, arn, properties }, bus }: Rule) => ({
  Name: name,
  Arn: arn,
  ...(properties.EventPattern && { EventPattern: JSON.stringify(properties.EventPattern) }),
  ScheduleExpression: properties.ScheduleExpression,
  State: properties.State,
  EventBusName: bus,
});
