import type { Authorizer } from './http-authorizer.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { Stack } from './stack.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export type Stage = PropertiesOf<'AWS::ApiGatewayV2::Stage'>;

/** A route with its integration and authorizer. */
export interface Route {
  routeKey: string;
  functionName: string;
  timeoutMs: number;
  authorizer: { properties: Authorizer; functionName: string } | undefined;
  bucket: TokenBucket;
}

/** Finds missing or contradictory resources of the API. */
export function faultsOfApi(stack: Stack): string[] {
  const faults: string[] = [];
  const apis = stack.all('AWS::ApiGatewayV2::Api');
  const stages = stack.all('AWS::ApiGatewayV2::Stage');
  if (apis.length > 1) faults.push('AWS::ApiGatewayV2::Api: only one API can run here');
  if (stages.length !== apis.length)
    faults.push('AWS::ApiGatewayV2::Stage: an API must have exactly one stage here, $default');
  for (const { logicalId, properties } of stack.all('AWS::ApiGatewayV2::Route')) {
    const { integration, authorizer } = targetsOf(stack, properties);
    if (integration === undefined) faults.push(`${logicalId}: AWS::ApiGatewayV2::Route has no integration`);
    if (properties.AuthorizationType === 'CUSTOM' && authorizer === undefined) {
      faults.push(`${logicalId}: AWS::ApiGatewayV2::Route has no authorizer`);
    }
  }
  const routeKeys = new Set(
    stack.all('AWS::ApiGatewayV2::Route').map(({ properties }) => properties.RouteKey),
  );
  for (const { logicalId, properties } of stages) {
    const unknown = Object.keys(properties.RouteSettings).filter((routeKey) => !routeKeys.has(routeKey));
    faults.push(
      ...unknown.map(
        (key) => `${logicalId}: AWS::ApiGatewayV2::Stage has settings for an unknown route: ${key}`,
      ),
    );
  }
  return faults;
}

function targetsOf(stack: Stack, { Target, AuthorizerId }: PropertiesOf<'AWS::ApiGatewayV2::Route'>) {
  const integrationId = Target.replace('integrations/', '');
  return {
    integration: stack.all('AWS::ApiGatewayV2::Integration').find(({ name }) => name === integrationId),
    authorizer: stack.all('AWS::ApiGatewayV2::Authorizer').find(({ name }) => name === AuthorizerId),
  };
}

export function readRoutes(stack: Stack, stage: Stage): Route[] {
  return stack.all('AWS::ApiGatewayV2::Route').flatMap(({ properties }) => {
    const { integration, authorizer } = targetsOf(stack, properties);
    if (integration === undefined) return [];
    return {
      routeKey: properties.RouteKey,
      functionName: functionIn(integration.properties.IntegrationUri),
      timeoutMs: integration.properties.TimeoutInMillis,
      authorizer: authorizer && {
        properties: authorizer.properties,
        functionName: functionIn(authorizer.properties.AuthorizerUri),
      },
      bucket: bucketOf(stage, properties.RouteKey),
    };
  });
}

/** The URI is a function's ARN, or an API Gateway path that contains one. */
const functionIn = (uri: string) => uri.replace(/^.*\/functions\//, '').replace(/\/invocations$/, '');

/** Every route has its own bucket. The stage's default settings apply unless the route has others. */
function bucketOf({ DefaultRouteSettings, RouteSettings }: Stage, routeKey: string): TokenBucket {
  const settings = { ...DefaultRouteSettings, ...RouteSettings[routeKey] };
  return createTokenBucket({
    ratePerSecond: settings.ThrottlingRateLimit ?? 10_000,
    burst: settings.ThrottlingBurstLimit ?? 5_000,
  });
}
