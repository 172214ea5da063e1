import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import type { Caller } from '../../../functions/auth/scopes.ts';
import { requireExecution } from '../../../functions/executions/job-execution.ts';
import { abandonExecution } from '../../../functions/handlers/abandon-execution.ts';
import { restartExecution } from '../../../functions/handlers/restart-execution.ts';
import { stopExecution } from '../../../functions/handlers/stop-execution.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { beginRun, type Run, type RunSetup } from '../../support/run.ts';
import { STATE_MACHINE_ARN, type StepFunctions } from '../../support/step-functions.ts';
import { type Answer, answerOf } from './support.ts';

/** Calls the routes that control a run, as API Gateway does. */
export interface Control {
  stop: (id: number | string, subject?: string) => Promise<Answer>;
  abandon: (id: number | string, subject?: string) => Promise<Answer>;
  restart: (id: number | string, subject?: string) => Promise<Answer>;
}

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>;

const eventFor = (id: number | string, subject: string): Event =>
  ({
    pathParameters: { jobExecutionId: String(id) },
    isBase64Encoded: false,
    requestContext: { authorizer: { lambda: { subject } } },
  }) as unknown as Event;

/** What a control needs of a run. */
interface Controlled extends Pick<Run, 'clock' | 'log'> {
  dependencies: Pick<Run['dependencies'], 'executionsTable' | 'publish'> &
    Partial<Pick<Run['dependencies'], 'notify'>>;
}

export function openControl(
  run: Controlled,
  stepFunctions: StepFunctions,
  overrides: { dryRunOnly?: boolean } = {},
): Control {
  const { clock, log } = run;
  const { executionsTable, publish, notify = async () => {} } = run.dependencies;
  const dependencies = {
    ...{ executionsTable, log, now: clock.now, random: () => 0 },
    remainingTimeMs: () => MINUTE_MS,
    ...{ publish, notify, emitMetrics: () => {}, stepFunctions: stepFunctions.client },
  };
  const starting = {
    stateMachineArn: STATE_MACHINE_ARN,
    dryRunOnly: false,
    newToken: () => 'token',
    ...overrides,
  };
  return {
    stop: (id, subject = 'bob') => answerOf(stopExecution(dependencies, eventFor(id, subject))),
    restart: (id, subject = 'bob') =>
      answerOf(restartExecution({ ...dependencies, ...starting }, eventFor(id, subject))),
    abandon: (id, subject = 'bob') => answerOf(abandonExecution(dependencies, eventFor(id, subject))),
  };
}

/** Begins the run that a restart of `run` has registered under `id`, as Step Functions does. */
export async function beginRegistered(
  setup: Pick<RunSetup, 'newTable' | 'bank'>,
  { dependencies, clock }: Pick<Run, 'dependencies' | 'clock'>,
  id: number,
): Promise<Run> {
  const registered = await requireExecution(dependencies.executionsTable, jobExecutionId(id));
  return beginRun({ ...setup, tables: dependencies, clock, registered });
}
