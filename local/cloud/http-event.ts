import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { InvocationResult } from './lambda-sandbox.ts';
import { ACCOUNT, REGION } from './template.ts';

/** The same for every request of one API. */
interface ApiIdentity {
  apiId: string;
  domainName: string;
}

export interface RequestFacts extends ApiIdentity {
  requestId: string;
  routeKey: string;
  receivedAt: Date;
}

const STAGE = '$default';

/** Builds the part that authorizer and integration events have in common (payload format 2.0). */
export function toRequestEvent(request: FastifyRequest, facts: RequestFacts) {
  const [, path = '/', rawQueryString = ''] = /^([^?]*)\??(.*)$/s.exec(request.raw.url ?? '/') ?? [];
  // API Gateway decodes rawPath despite its name, but not rawQueryString.
  const rawPath = decodeURIComponent(path);
  const { cookie, 'x-forwarded-for': forwardedFor, ...received } = joinedHeaders(request);
  const headers: Record<string, string> = {
    ...received,
    'x-amzn-trace-id': toTraceId(facts.receivedAt),
    'x-forwarded-for': forwardedFor === undefined ? request.ip : `${forwardedFor}, ${request.ip}`,
    'x-forwarded-port': String(request.raw.socket.localPort),
    'x-forwarded-proto': request.protocol,
  };
  const query = [...new URLSearchParams(rawQueryString)];
  const pathParameters = toPathParameters(request.params, facts.routeKey);
  return {
    version: '2.0',
    routeKey: facts.routeKey,
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query.length > 0 && { queryStringParameters: joinRepeated(query) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: facts.apiId,
      domainName: facts.domainName,
      domainPrefix: facts.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.raw.httpVersion}`,
        sourceIp: request.ip,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: facts.requestId,
      routeKey: facts.routeKey,
      stage: STAGE,
      time: toCommonLogTime(facts.receivedAt),
      timeEpoch: facts.receivedAt.getTime(),
    },
  };
}

export type RequestEvent = ReturnType<typeof toRequestEvent>;

/** Builds the integration's event: the request, its body, and the context that the authorizer returned. */
export function toIntegrationEvent(
  request: FastifyRequest,
  event: RequestEvent,
  authorizer: object | undefined,
) {
  const body = request.body instanceof Buffer && request.body.length > 0 ? request.body : undefined;
  const isText = isTextType(event.headers['content-type']);
  return {
    ...event,
    requestContext: { ...event.requestContext, ...(authorizer && { authorizer: { lambda: authorizer } }) },
    ...(body && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body !== undefined && !isText,
  };
}

export function toAuthorizerEvent(event: RequestEvent, identitySource: string[]) {
  const { apiId, http } = event.requestContext;
  return {
    ...event,
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/${STAGE}/${http.method}${event.rawPath}`,
    identitySource,
  };
}

/** Bodies of these types are passed on as text, all others as Base64. */
const isTextType = (contentType = '') => /^(text\/|application\/(json|xml|javascript)\b)/i.test(contentType);

function joinedHeaders(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.raw.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === 'cookie' ? '; ' : ','),
    ]),
  );
}

function joinRepeated(pairs: [string, string][]): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs)
    joined.set(name, joined.has(name) ? `${joined.get(name)},${value}` : value);
  return Object.fromEntries(joined);
}

/** The router names a greedy parameter `*`; its real name is in the route key. */
function toPathParameters(params: unknown, routeKey: string): Record<string, string> {
  const greedy = /\{([^}]+)\+\}/.exec(routeKey)?.[1] ?? '*';
  return Object.fromEntries(
    Object.entries(Object(params)).map(([name, value]) => [name === '*' ? greedy : name, String(value)]),
  );
}

/** Contains the time in hexadecimal seconds and 24 random digits. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html */
function toTraceId(time: Date): string {
  const seconds = Math.floor(time.getTime() / 1_000);
  return `Root=1-${seconds.toString(16)}-${randomBytes(12).toString('hex')}`;
}

/** `12/Mar/2020:19:03:58 +0000` */
function toCommonLogTime(time: Date): string {
  const [, day, month, year, clock] = time
    .toUTCString()
    .split(' ')
    .map((part) => part.replace(',', ''));
  return `${day}/${month}/${year}:${clock} +0000`;
}

export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer | string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** A response that API Gateway makes itself. */
export const gatewayResponse = (statusCode: number, message: string): HttpResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: JSON.stringify({ message }),
});

/** Converts a function's result (payload format 2.0). Undefined for an error or a malformed result. */
export function toHttpResponse(result: InvocationResult): HttpResponse | undefined {
  if ('error' in result) return undefined;
  const value: unknown = JSON.parse(result.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : result.payload;
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, cookies: [], body };
  }
  const parsed = structured.safeParse(value);
  if (!parsed.success) return undefined;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const lowerCase = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), text] as const);
  return {
    statusCode,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...Object.fromEntries(lowerCase) },
    cookies: cookies ?? [],
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}
