import * as z from 'zod';
import type { RunOptions } from '../functions/shared/contract/job-execution.ts';
import { ROUTES } from '../functions/shared/contract/routes.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { IDENTITIES } from './configuration.ts';

const Run = z.object({ jobExecutionId: z.number(), executionArn: z.string() });
const RunningRun = Run.extend({ dryRun: z.boolean() });

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

/** Starts a run through the API of the stack, as an operator would. */
export async function startRun(cloud: RunningCloud, options: RunOptions): Promise<StartAnswer> {
  const since = Date.now();
  const { method, path } = ROUTES.startSync;
  const url = `${cloud.apiEndpoint}${path}`;
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${await getToken(`${cloud.notes['tokenIssuer']}/token`)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(options),
  });
  const body: unknown = await answer.json();
  if (answer.status === 202) return { kind: 'started', run: { ...Run.parse(body), since } };
  if (answer.status === 409) {
    const { detail } = z.object({ detail: z.string() }).parse(body);
    const { data: run } = RunningRun.safeParse(body);
    return { kind: 'running', run: run && { ...run, since }, detail };
  }
  return { kind: 'refused', why: `${url} answered ${answer.status}: ${JSON.stringify(body)}` };
}

const Token = z.object({ access_token: z.string() });

/** A token of the local identity provider with every scope. */
export async function getToken(tokenUrl: string): Promise<string> {
  const { client, scopes } = IDENTITIES;
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      scope: scopes.join(' '),
    }),
  });
  const token = Token.safeParse(await answer.json());
  if (token.success) return token.data.access_token;
  throw new Error(`The identity provider issued no token: it answered ${answer.status}.`);
}
