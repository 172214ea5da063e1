import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import type { Caller } from '../../../functions/auth/scopes.ts';
import { abandonExecution } from '../../../functions/handlers/abandon-execution.ts';
import { stopExecution } from '../../../functions/handlers/stop-execution.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import type { Run } from '../../support/run.ts';
import type { StepFunctions } from '../../support/step-functions.ts';
import { type Answer, answerOf } from './support.ts';

/** Calls the routes that control a run, as API Gateway does. */
export interface Control {
  stop: (id: number | string, subject?: string) => Promise<Answer>;
  abandon: (id: number | string, subject?: string) => Promise<Answer>;
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
  dependencies: Pick<Run['dependencies'], 'executionsTable' | 'publish'>;
}

export function openControl(run: Controlled, stepFunctions: StepFunctions): Control {
  const { clock, log } = run;
  const { executionsTable, publish } = run.dependencies;
  const dependencies = {
    ...{ executionsTable, log, now: clock.now, random: () => 0 },
    remainingTimeMs: () => MINUTE_MS,
  };
  return {
    stop: (id, subject = 'bob') => answerOf(stopExecution(dependencies, eventFor(id, subject))),
    abandon: (id, subject = 'bob') =>
      answerOf(
        abandonExecution(
          { ...dependencies, publish, stepFunctions: stepFunctions.client },
          eventFor(id, subject),
        ),
      ),
  };
}
