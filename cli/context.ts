import { type Api, createApi } from './api/client.ts';
import { reporting, type Send } from './api/http.ts';
import type { Connection, FindLocalStack } from './connection/connection.ts';
import { findConnection } from './connection/find-connection.ts';
import { createTokenSource } from './connection/token.ts';
import type { Exit } from './exit.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Options that every command has. */
interface GlobalOptions {
  api?: string | undefined;
  profile?: string | undefined;
  tokenStdin?: boolean | undefined;
  json?: boolean | undefined;
  verbose?: boolean | undefined;
}

/** Where a command runs. Tests replace all of it. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  output: Output;
  /** Aborted by Ctrl-C, or by another signal that ends the process. */
  signal: AbortSignal;
  send: Send;
  readStdin: () => Promise<string>;
  findLocalStack: FindLocalStack;
}

/** What a command works with. */
export interface Context extends Surroundings {
  options: () => GlobalOptions;
  /** How the program ends. Commands set it if they do not end with `EXIT.completed`. */
  exit: Exit;
}

/** @throws UsageError */
export async function connect(context: Context, stage?: string): Promise<Connection> {
  const { env, findLocalStack, options } = context;
  const { api, profile, tokenStdin } = options();
  const token = tokenStdin ? (await context.readStdin()).trim() : undefined;
  return findConnection({ flags: { api, profile, stage, token }, env, findLocalStack });
}

/** The connection of a command that reads AWS directly. A stage alone is enough, because the API is not called. */
export async function connectToAws(
  context: Context,
  stage: string | undefined,
): Promise<Pick<Connection, 'stage' | 'region' | 'local'>> {
  const { api, profile } = context.options();
  const { env } = context;
  const named = stage ?? env['ITEM_SYNC_STAGE'];
  const hasApi = [api, profile, env['ITEM_SYNC_API_URL'], env['ITEM_SYNC_PROFILE']].some(Boolean);
  if (!named || hasApi) return connect(context, stage);
  const region = env['ITEM_SYNC_REGION'];
  return { stage: named, ...(region && { region }) };
}

export const senderOf = ({ send, options, output }: Context): Send =>
  options().verbose ? reporting(send, output.note) : send;

/** @throws UsageError if there are no credentials. */
export function apiOf(context: Context, connection: Connection): Api {
  const { apiUrl, credentials } = connection;
  if (credentials === undefined) {
    throw new UsageError(
      `There are no credentials for ${apiUrl}: set ITEM_SYNC_TOKEN, use --token-stdin or a profile (docs/cli.md).`,
    );
  }
  const send = senderOf(context);
  return createApi({ apiUrl, send, tokens: createTokenSource(credentials, send) });
}

/** The API that the options, the environment, the profile or this machine name. */
export async function openApi(context: Context): Promise<Api> {
  return apiOf(context, await connect(context));
}
