import path from 'node:path';
import { report } from '../../cli/terminal/terminal.ts';
import { HOST } from '../loopback-server.ts';
import { type AwsEndpoint, startAwsEndpoint } from './aws-endpoint.ts';
import { allFaults, functionsOf } from './blueprint.ts';
import { createTables } from './dynamodb.ts';
import { startDynamoDbEngine } from './dynamodb-engine.ts';
import { createEngineClient } from './engine-client.ts';
import { startEngineRelay } from './engine-relay.ts';
import { type SupervisedEngine, superviseEngine } from './engine-supervisor.ts';
import { TemplateUnsupported } from './errors.ts';
import { startEventBuses } from './event-bus.ts';
import { startEventSourceMappings } from './event-source-mappings.ts';
import { type ApiServer, openApiServer, startHttpApi } from './http-api.ts';
import { startLambda } from './lambda.ts';
import { openLogs } from './logs.ts';
import { logsService } from './logs-service.ts';
import { queueService } from './queue-service.ts';
import { openQueues } from './queues.ts';
import { queueUrl } from './running-resource.ts';
import { openSecrets } from './secrets.ts';
import { type InertResource, readStack, type Stack } from './stack.ts';
import { claimStateFolder, prepareStateFolder, type RunningCloud } from './state-folder.ts';
import { startStepFunctions } from './step-functions.ts';
import { type Assembly, readAssembly } from './template.ts';
import type { TimeScale } from './time-scale.ts';
import { openTopics } from './topics.ts';

export interface CloudOptions {
  /** A cloud assembly written by `cdk synth`, with exactly one stack. */
  assemblyFolder: string;
  /** Stores everything that must survive a restart. */
  stateFolder: string;
  /** 0 means any free port. */
  ports: { aws: number; api: number };
  /** Values by secret name. Other secrets get the value of the template, or a generated one stored in stateFolder. */
  secrets: Record<string, string>;
  /** Published by `GET /_health`, so it must not contain secrets. */
  notes?: Record<string, string>;
  /** The clock for functions, which this process already uses. Default: the real clock. */
  timeScale?: TimeScale | undefined;
  /** What happens to executions that were running when the last cloud stopped. Default: resume. */
  interrupted?: 'resume' | 'hold' | undefined;
  /** Called before an execution starts for the first time. */
  beforeExecution?: (() => void) | undefined;
  /** The time for receiving a request. Default: that of `createLoopbackServer`. */
  requestLimitMs?: number | undefined;
  /** Receives failures of background work. Default: stderr. */
  warn?: (message: string) => void;
  /** Receives the error after which the cloud cannot go on. Default: throws it, which ends the process. */
  fail?: (error: Error) => void;
}

export interface Cloud extends RunningCloud {
  /** Resources of the template that have no effect here, and why. */
  inert: readonly InertResource[];
  /** Delivers a scheduled rule's event for `time` now. Resolves when its targets have finished. */
  fireRule(name: string, time: Date): Promise<void>;
  /** ARNs of the executions that were running when the last cloud stopped. */
  interrupted: readonly string[];
  /** Restarts the held executions that have not been stopped. */
  resume(): void;
  /** The next run of each scheduled rule. */
  nextRuns(): { rule: string; at: Date }[];
  /** Loads what is otherwise loaded when a queue is used for the first time. */
  warmUp(): Promise<void>;
  /** Stops everything. Running executions restart with the next cloud on this state folder. */
  close(): Promise<void>;
}

/**
 * Runs a synthesized stack on this machine.
 *
 * @throws {TemplateUnsupported} naming every resource and property that cannot run here
 * @throws {PortTaken} naming the port and its role
 * @throws {CloudError} for everything else that a person can fix
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
  };
  try {
    return { ...(await startStack(options, (closer) => closers.push(closer))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function throwInBackground(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

/** Registers a step of closing; the last one registered runs first. */
type OnClose = (closer: () => unknown) => void;

async function startStack(options: CloudOptions, onClose: OnClose): Promise<Omit<Cloud, 'close'>> {
  const { warn = report, fail = throwInBackground, requestLimitMs } = options;
  const stateFolder = path.resolve(options.stateFolder);
  const assembly = await readAssembly(options.assemblyFolder);
  const apiServer = await openApiServer(options.ports.api, requestLimitMs);
  onClose(apiServer.close);
  const apiEndpoint = `http://${HOST}:${apiServer.port}`;
  // Before the template is read, because the URLs of its queues contain the port.
  const endpoint = await startAwsEndpoint({ port: options.ports.aws, requestLimitMs, warn });
  onClose(endpoint.close);
  const stack = readStack(assembly, { api: apiEndpoint, aws: endpoint.url });
  const faults = allFaults(stack, { assembly, secrets: options.secrets });
  if (faults.length > 0) throw new TemplateUnsupported(faults);

  prepareStateFolder(stateFolder);
  const running = {
    stackName: stack.name,
    stateFolder,
    awsEndpoint: endpoint.url,
    apiEndpoint,
    outputs: stack.outputs,
    notes: options.notes ?? {},
  };
  onClose(await claimStateFolder(running));
  endpoint.setHealth(running);

  const services = { stack, assembly, endpoint, stateFolder, apiServer, warn, fail };
  const { buses, stepFunctions, queues } = await startServices({ ...options, ...services }, onClose);
  const { interrupted, resume } = stepFunctions;
  if (options.interrupted !== 'hold') resume();
  const { fireRule, nextRuns } = buses;
  const warmUp = queues.load;
  return { ...running, inert: stack.inert, fireRule, nextRuns, interrupted, resume, warmUp };
}

interface Services extends Pick<CloudOptions, 'secrets' | 'timeScale' | 'beforeExecution'> {
  stack: Stack;
  assembly: Assembly;
  endpoint: AwsEndpoint;
  stateFolder: string;
  apiServer: ApiServer;
  warn: (message: string) => void;
  fail: (error: Error) => void;
}

/** Starts the services in order of dependency. They close in reverse order. */
async function startServices(
  { stack, assembly, endpoint, stateFolder, ...rest }: Services,
  onClose: OnClose,
) {
  const { apiServer, secrets, timeScale, beforeExecution, warn, fail } = rest;
  const groups = stack.all('AWS::Logs::LogGroup');
  const logs = openLogs(
    stateFolder,
    groups.map(({ name, properties }) => ({ name, retentionInDays: properties.RetentionInDays })),
  );
  onClose(logs.close);
  endpoint.serve(logsService(logs));
  endpoint.serve(
    openSecrets({ stateFolder, secrets: stack.all('AWS::SecretsManager::Secret'), given: secrets }),
  );

  const runningEngine = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const engine = await superviseEngine({
    start: () => startDynamoDbEngine(stateFolder, runningEngine),
    report: warn,
    fail,
  });
  onClose(engine.close);
  const engineClient = createEngineClient({ engine, report: warn });
  onClose(engineClient.close);
  endpoint.passThrough('DynamoDB_20120810', engineClient);
  const tables = stack.all('AWS::DynamoDB::Table');
  await createTables({ endpoint: endpoint.url, tables, stateFolder });

  const queues = openQueues(stack);
  onClose(queues.close);
  endpoint.serve(queueService(queues, (name) => queueUrl(endpoint.url, name)));
  const environment = {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ENDPOINT_URL_DYNAMODB: runningEngine ?? (await relayTo(engine, onClose)),
  };
  const functions = functionsOf(stack, { assembly, environment });
  const lambda = startLambda({ functions, logs, timeScale, queues });
  onClose(lambda.close);
  endpoint.serveQuery(openTopics({ stack, stateFolder }));
  onClose(startEventSourceMappings({ stack, queues, lambda, warn }).close);
  const buses = startEventBuses({ stack, stateFolder, lambda, queues, warn });
  onClose(buses.close);
  endpoint.serve(buses.service);
  const stepFunctions = await startStepFunctions({
    stateFolder,
    stateMachines: stack.all('AWS::StepFunctions::StateMachine'),
    lambda,
    logs,
    warn,
    beforeExecution,
    publish: (detail) =>
      buses.publish({
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        resources: [detail.executionArn],
        detail,
      }),
  });
  onClose(stepFunctions.close);
  endpoint.serve(stepFunctions.service);
  await startHttpApi({ stack, apiServer, lambda, logs });
  // Closed before the functions that its requests invoke.
  onClose(apiServer.close);
  return { buses, stepFunctions, queues };
}

async function relayTo(engine: SupervisedEngine, onClose: OnClose): Promise<string> {
  const relay = await startEngineRelay(engine);
  onClose(relay.close);
  return relay.url;
}
