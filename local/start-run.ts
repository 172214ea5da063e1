import { createApi } from '../cli/api/client.ts';
import { ApiError } from '../cli/api/errors.ts';
import { startSync } from '../cli/api/executions.ts';
import { createSend } from '../cli/api/http.ts';
import { Secret } from '../cli/connection/secret.ts';
import { createTokenSource } from '../cli/connection/token.ts';
import { describeError } from '../cli/describe/errors.ts';
import type { RunOptions } from '../functions/shared/contract/job-execution.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { IDENTITIES } from './configuration.ts';

/** A run to follow. */
export interface StartedRun {
  jobExecutionId: number;
  executionArn: string;
  /** When the run was requested, in epoch milliseconds. */
  since: number;
}

/** A run that holds the lock. */
export interface RunningRun extends StartedRun {
  dryRun: boolean;
}

export type StartAnswer =
  | { kind: 'started'; run: StartedRun }
  /** Another run holds the lock. `run` is absent if the lock kept changing hands. */
  | { kind: 'running'; run: RunningRun | undefined; detail: string }
  | { kind: 'refused'; why: string };

/** Starts a run through the API of the stack, as item-sync does. */
export async function startRun(cloud: RunningCloud, options: RunOptions): Promise<StartAnswer> {
  const since = Date.now();
  try {
    const { jobExecutionId, executionArn } = await startSync(apiOf(cloud), options);
    return { kind: 'started', run: { jobExecutionId, executionArn, since } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, detail = '', jobExecutionId, executionArn, dryRun } = error.problem;
    if (code !== 'JOB_ALREADY_RUNNING') {
      return { kind: 'refused', why: describeError(error)?.sentence ?? error.message };
    }
    const isNamed = jobExecutionId !== undefined && executionArn !== undefined && dryRun !== undefined;
    const run = isNamed ? { jobExecutionId, executionArn, dryRun, since } : undefined;
    return { kind: 'running', run, detail };
  }
}

const apiOf = ({ apiEndpoint: apiUrl, notes }: RunningCloud) =>
  createApi({ apiUrl, send, tokens: createTokenSource(operator(`${notes['tokenIssuer']}/token`), send) });

const send = createSend(new AbortController().signal);

/** The client of the local identity provider, which gets every scope. */
const operator = (tokenUrl: string) => ({
  kind: 'client' as const,
  tokenUrl,
  clientId: IDENTITIES.client.id,
  clientSecret: new Secret(IDENTITIES.client.secret),
});

/** A token of the local identity provider with every scope. */
export async function getToken(tokenUrl: string): Promise<string> {
  return (await createTokenSource(operator(tokenUrl), send).token()).reveal();
}
