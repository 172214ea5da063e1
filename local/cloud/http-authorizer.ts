import { z } from 'zod';
import { gatewayResponse, type HttpResponse, type RequestEvent, toAuthorizerEvent } from './http-event.ts';
import type { InvocationResult } from './lambda-sandbox.ts';
import type { PropertiesOf } from './resource-types.ts';
import { within } from './within.ts';

export type Authorizer = PropertiesOf<'AWS::ApiGatewayV2::Authorizer'>;

/** The authorizer's decision. `error` appears only in the access log. */
export type Authorization = { context: object } | { refused: HttpResponse; error: string };

/** A fixed limit of API Gateway. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const AUTHORIZER_LIMIT_MS = 10_000;

const simpleResponse = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).default({}),
});

const UNAUTHORIZED = 'Unauthorized';
const unauthorized = (error: string): Authorization => ({
  refused: gatewayResponse(401, UNAUTHORIZED),
  error,
});

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export async function authorize(
  authorizer: Authorizer,
  event: RequestEvent,
  invoke: (event: object) => Promise<InvocationResult>,
): Promise<Authorization> {
  const identitySource = authorizer.IdentitySource.map((source) => readIdentity(source, event));
  if (identitySource.some((identity) => !identity)) {
    return unauthorized('Identity source is missing');
  }
  const given = identitySource.filter((identity) => identity !== undefined);
  const result = await within(AUTHORIZER_LIMIT_MS, invoke(toAuthorizerEvent(event, given)));
  if (result === undefined) return failed('The authorizer timed out');
  if ('error' in result) {
    // The only error that an authorizer may throw on purpose.
    const { errorMessage } = result.error;
    return errorMessage === UNAUTHORIZED ? unauthorized(errorMessage) : failed(errorMessage);
  }
  const response: unknown = JSON.parse(result.payload);
  if (Object(response).errorMessage === UNAUTHORIZED) return unauthorized(UNAUTHORIZED);
  const parsed = simpleResponse.safeParse(response);
  if (!parsed.success) return failed('The response from the authorizer is not a simple response');
  if (!parsed.data.isAuthorized)
    return { refused: gatewayResponse(403, 'Forbidden'), error: 'Not authorized' };
  return { context: parsed.data.context };
}

const failed = (error: string): Authorization => ({
  refused: gatewayResponse(500, 'Internal Server Error'),
  error,
});

function readIdentity(source: string, event: RequestEvent): string | undefined {
  const [, place, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const headers: Record<string, string> = event.headers;
  return place === 'header' ? headers[name.toLowerCase()] : event.queryStringParameters?.[name];
}
