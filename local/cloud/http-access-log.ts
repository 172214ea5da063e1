import type { RequestEvent } from './http-event.ts';

/** A request and its response, as the access log can report them. */
export interface AccessFacts {
  event: RequestEvent;
  status: number;
  responseLength: number;
  latencyMs: number;
  /** Set when the gateway answered itself. */
  errorMessage?: string | undefined;
  authorizerContext?: object | undefined;
  authorizerError?: string | undefined;
  integration?: { latencyMs: number; status: number; error?: string | undefined } | undefined;
}

/**
 * Fills in the stage's access log format.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export function formatAccessLog(format: string, facts: AccessFacts): string {
  const variables = new Map(Object.entries(variablesOf(facts)).filter(([, value]) => value !== undefined));
  return format.replaceAll(/\$context\.([A-Za-z0-9_.]*[A-Za-z0-9_])/g, (_, name: string) =>
    String(variables.get(name) ?? '-'),
  );
}

function variablesOf(facts: AccessFacts): Record<string, unknown> {
  const { accountId, apiId, domainName, domainPrefix, http, ...context } = facts.event.requestContext;
  const authorizer = Object.entries(facts.authorizerContext ?? {});
  return {
    accountId,
    apiId,
    domainName,
    domainPrefix,
    requestId: context.requestId,
    extendedRequestId: context.requestId,
    routeKey: context.routeKey,
    stage: context.stage,
    requestTime: context.time,
    requestTimeEpoch: context.timeEpoch,
    httpMethod: http.method,
    path: http.path,
    protocol: http.protocol,
    'identity.sourceIp': http.sourceIp,
    'identity.userAgent': http.userAgent,
    status: facts.status,
    responseLength: facts.responseLength,
    responseLatency: Math.round(facts.latencyMs),
    'error.message': facts.errorMessage,
    'error.messageString': facts.errorMessage && JSON.stringify(facts.errorMessage),
    'authorizer.error': facts.authorizerError,
    ...Object.fromEntries(authorizer.map(([key, value]) => [`authorizer.${key}`, value])),
    integrationErrorMessage: facts.integration?.error,
    'integration.error': facts.integration?.error,
    integrationLatency: facts.integration && Math.round(facts.integration.latencyMs),
    'integration.latency': facts.integration && Math.round(facts.integration.latencyMs),
    integrationStatus: facts.integration && 200,
    'integration.integrationStatus': facts.integration && 200,
    'integration.status': facts.integration?.status,
  };
}
