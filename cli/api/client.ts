import * as z from 'zod';
import type { TokenSource } from '../connection/token.ts';
import { ApiError, type Problem, StrangeAnswerError } from './errors.ts';
import { type HttpAnswer, parseJson, type Send } from './http.ts';

export interface Route {
  method: string;
  /** With names of parameters in braces. */
  path: string;
}

export interface RequestOptions<Schema extends z.ZodType> {
  answer: Schema;
  /** The parameters of the path. */
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: object;
}

/** The API of a stack. */
export interface Api {
  url: string;
  /** @throws ApiError, StrangeAnswerError, TokenError, UnreachableError */
  request<Schema extends z.ZodType>(route: Route, options: RequestOptions<Schema>): Promise<z.output<Schema>>;
}

export interface ApiAccess {
  apiUrl: string;
  tokens: TokenSource;
  send: Send;
}

export function createApi({ apiUrl, tokens, send }: ApiAccess): Api {
  return {
    url: apiUrl,
    async request(route, { answer: schema, path = {}, query = {}, body }) {
      const url = addressOf(apiUrl, route, { path, query });
      const token = await tokens.token();
      const answer = await send(url, {
        method: route.method,
        headers: {
          authorization: `Bearer ${token.reveal()}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (answer.status < 200 || answer.status > 299) throw errorOf(answer, url);
      const parsed = schema.safeParse(parseJson(answer.text));
      if (parsed.success) return parsed.data;
      throw new StrangeAnswerError(`${url} sent an answer that this API does not send`);
    },
  };
}

export function addressOf(
  apiUrl: string,
  route: Route,
  { path: parameters = {}, query = {} }: Partial<Pick<RequestOptions<z.ZodType>, 'path' | 'query'>>,
): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parameters[name] ?? ''),
  );
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return `${apiUrl}${path}${search && `?${search}`}`;
}

const ProblemAnswer = z.object({
  code: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  requestId: z.string().optional().catch(undefined),
  retryAfterSeconds: z.number().optional().catch(undefined),
  jobExecutionId: z.number().optional().catch(undefined),
  executionArn: z.string().optional().catch(undefined),
  dryRun: z.boolean().optional().catch(undefined),
  itemBankIds: z.array(z.number()).optional().catch(undefined),
});

/** An error of a function has a code. An error of the gateway, or of a proxy before it, only has a status. */
function errorOf({ status, headers, text }: HttpAnswer, url: string): Error {
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers.get('location') ?? '', url)?.origin ?? 'another address';
    return new StrangeAnswerError(`${url} redirects to ${target}, which was not followed`);
  }
  const body = ProblemAnswer.safeParse(parseJson(text));
  const problem: Problem = { ...(body.success ? body.data : {}), status };
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (problem.retryAfterSeconds === undefined && seconds >= 0) problem.retryAfterSeconds = seconds;
  return new ApiError(problem, url);
}
