import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describeRoutes } from '../openapi/document.ts';
import { jsonAnswer } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';

/** `GET /openapi.json`: the description of the API. It is public, because it contains no data. */
export async function describeApi(): Promise<APIGatewayProxyStructuredResultV2> {
  const { headers, ...answer } = jsonAnswer(200, describeRoutes());
  return { ...answer, headers: { ...headers, 'cache-control': 'public, max-age=300' } };
}

export const handler = entryPoint(() => ({}), describeApi);
