import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError, type AwsService, pageOf, parseInput } from './aws-service.ts';
import { toWire } from './execution-history.ts';
import type { Execution } from './execution-store.ts';
import type { Machine } from './state-machine.ts';
import { PAYLOAD_LIMIT_BYTES } from './state-machine-run.ts';
import { ROLE_ARN } from './template.ts';

const executionArn = z.string();
const stateMachineArn = z.string();
const includedData = z.enum(['ALL_DATA', 'METADATA_ONLY']).default('ALL_DATA');
const paging = {
  maxResults: z.number().int().min(0).max(1_000).default(0),
  nextToken: z.string().optional(),
};

const inputs = {
  listStateMachines: z.strictObject(paging),
  describeStateMachine: z.strictObject({ stateMachineArn, includedData }),
  listExecutions: z.strictObject({
    stateMachineArn,
    statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
    ...paging,
  }),
  ofExecution: z.strictObject({ executionArn, includedData }),
  history: z.strictObject({
    executionArn,
    reverseOrder: z.boolean().default(false),
    includeExecutionData: z.boolean().default(true),
    ...paging,
  }),
  start: z.strictObject({
    stateMachineArn,
    name: z.string().optional(),
    input: z.string().max(PAYLOAD_LIMIT_BYTES).default('{}'),
    // Accepted and ignored: there is no X-Ray here.
    traceHeader: z.string().optional(),
  }),
  stop: z.strictObject({ executionArn, error: z.string().optional(), cause: z.string().optional() }),
};

/** The operations of Step Functions. `machines` are those of the template, by ARN. */
export function stepFunctionsService(machines: ReadonlyMap<string, Machine>): AwsService {
  const find = (arn: string) => findMachine(machines, arn);
  const findExecution = async (arn: string) => {
    const [, , , , , , machineName = '', name = ''] = partsOf(arn, 'execution');
    const machine = [...machines.values()].find(({ resource }) => resource.name === machineName);
    const execution = await machine?.find(name);
    if (machine === undefined || execution?.executionArn !== arn) {
      throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    }
    return { machine, execution };
  };
  return {
    target: 'AWSStepFunctions',
    protocol: 'application/x-amz-json-1.0',
    operations: {
      ListStateMachines: (input) => listStateMachines(machines, input),
      DescribeStateMachine: (input) => {
        const { stateMachineArn: arn, includedData: data } = parseInput(inputs.describeStateMachine, input);
        const machine = find(arn);
        const creationDate = machine.createdMs / 1000;
        return { ...describeMachine(machine, data), status: 'ACTIVE', type: 'STANDARD', creationDate };
      },
      ListExecutions: (input) => {
        const query = parseInput(inputs.listExecutions, input);
        return listExecutions(find(query.stateMachineArn), query);
      },
      DescribeExecution: async (input) => {
        const { executionArn: arn, includedData: data } = parseInput(inputs.ofExecution, input);
        return describeExecution((await findExecution(arn)).execution, data);
      },
      DescribeStateMachineForExecution: async (input) => {
        const { executionArn: arn, includedData: data } = parseInput(inputs.ofExecution, input);
        const { machine } = await findExecution(arn);
        return { ...describeMachine(machine, data), updateDate: machine.createdMs / 1000 };
      },
      GetExecutionHistory: async (input) => {
        const query = parseInput(inputs.history, input);
        const { machine, execution } = await findExecution(query.executionArn);
        return pageOfHistory(machine.history(execution.name), query);
      },
      StartExecution: async (input) => {
        const { stateMachineArn: arn, name, input: text } = parseInput(inputs.start, input);
        const execution = await find(arn).start(name ?? randomUUID(), text);
        return { executionArn: execution.executionArn, startDate: execution.startDateMs / 1000 };
      },
      StopExecution: async (input) => {
        const { executionArn: arn, ...reason } = parseInput(inputs.stop, input);
        const { machine, execution } = await findExecution(arn);
        const { stopDateMs = 0 } = await machine.stop(execution, reason);
        return { stopDate: stopDateMs / 1000 };
      },
    },
  };
}

/** @throws {AwsError} InvalidArn when it is not an ARN of that kind */
function partsOf(arn: string, kind: 'stateMachine' | 'execution'): string[] {
  const parts = arn.split(':');
  const invalid = (why: string) => new AwsError('InvalidArn', `Invalid Arn: '${why}'`);
  if (parts[0] !== 'arn') throw invalid(`Invalid ARN prefix: ${arn}`);
  if (parts[2] !== 'states' || parts.length < 7) throw invalid(`Not an ARN of Step Functions: ${arn}`);
  if (parts[5] !== kind) throw invalid(`Resource type not valid in this context: ${parts[5]}`);
  return parts;
}

function findMachine(machines: ReadonlyMap<string, Machine>, arn: string): Machine {
  partsOf(arn, 'stateMachine');
  const machine = machines.get(arn);
  if (machine === undefined) {
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }
  return machine;
}

type Paging = z.output<z.ZodObject<typeof paging>>;

/** A page size of 0 means the default. */
const sizeOf = ({ maxResults, nextToken }: Paging) => ({
  limit: maxResults || 100,
  nextToken,
  badToken: 'InvalidToken',
});

function listStateMachines(machines: ReadonlyMap<string, Machine>, input: unknown): object {
  const { items, nextToken } = pageOf({
    ...sizeOf(parseInput(inputs.listStateMachines, input)),
    items: [...machines.values()].sort((a, b) => (a.resource.arn < b.resource.arn ? -1 : 1)),
    keyOf: ({ resource }) => resource.arn,
    query: 'ListStateMachines',
  });
  const stateMachines = items.map(({ resource: { arn, name }, createdMs }) => ({
    stateMachineArn: arn,
    name,
    type: 'STANDARD',
    creationDate: createdMs / 1000,
  }));
  return { stateMachines, nextToken };
}

type Included = z.output<typeof includedData>;

/** An execution started with an earlier template reports the current definition, with which it would be restarted. */
function describeMachine({ resource }: Machine, included: Included): object {
  const { name, arn, properties } = resource;
  const { Level, IncludeExecutionData, Destinations } = properties.LoggingConfiguration;
  const destinations = Destinations.map(({ CloudWatchLogsLogGroup: { LogGroupArn } }) => ({
    cloudWatchLogsLogGroup: { logGroupArn: LogGroupArn },
  }));
  return {
    stateMachineArn: arn,
    name,
    definition: included === 'ALL_DATA' ? properties.DefinitionString : '{}',
    roleArn: ROLE_ARN,
    loggingConfiguration: {
      level: Level,
      includeExecutionData: IncludeExecutionData,
      ...(destinations.length > 0 && { destinations }),
    },
    tracingConfiguration: { enabled: false },
  };
}

async function listExecutions(
  machine: Machine,
  { statusFilter, ...query }: z.output<typeof inputs.listExecutions>,
): Promise<object> {
  // Sorts the newest first.
  const keyOf = ({ startDateMs, name }: Execution) =>
    `${String(Number.MAX_SAFE_INTEGER - startDateMs).padStart(16, '0')} ${name}`;
  const executions = (await machine.list()).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { items, nextToken } = pageOf({
    ...sizeOf(query),
    items: executions.filter(({ status }) => statusFilter === undefined || status === statusFilter),
    keyOf,
    query: ['ListExecutions', query.stateMachineArn, statusFilter],
  });
  return { executions: items.map(summarize), nextToken };
}

const summarize = (execution: Execution) => ({
  executionArn: execution.executionArn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: execution.startDateMs / 1000,
  ...(execution.stopDateMs !== undefined && { stopDate: execution.stopDateMs / 1000 }),
  redriveCount: 0,
});

function describeExecution(execution: Execution, included: Included): object {
  const { status, input, output, error, cause } = execution;
  const data = {
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    error,
    cause,
  };
  return {
    ...summarize(execution),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
    ...(included === 'ALL_DATA' && data),
  };
}

function pageOfHistory(
  history: ReturnType<Machine['history']>,
  { reverseOrder, includeExecutionData, ...query }: z.output<typeof inputs.history>,
): object {
  const rank = (id: number) => String(reverseOrder ? Number.MAX_SAFE_INTEGER - id : id);
  const { items, nextToken } = pageOf({
    ...sizeOf(query),
    items: history,
    keyOf: ({ id }) => rank(id).padStart(16, '0'),
    query: ['GetExecutionHistory', query.executionArn, reverseOrder],
  });
  return { events: items.map((event) => toWire(event, includeExecutionData)), nextToken };
}
