import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { authorizer, type Fixture, httpApi, lambdaFunction } from '../../../support/cloud/assembly.ts';

const assets = {
  echo: 'export const handler = async (event) => ({ event });',
  /** Returns the response given in the request body. */
  answer: 'export const handler = async (event) => JSON.parse(event.body);',
  broken: 'export const handler = async () => { throw new Error("secret detail"); };',
  slow: 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
  guard: `export const handler = async (event) => {
    const { headers, routeArn, identitySource, type } = event;
    const token = headers.authorization;
    if (token === 'echo') return { isAuthorized: true, context: { event } };
    if (token === 'bad') throw new Error('Unauthorized');
    if (token === 'crash') throw new Error('no keys');
    if (token === 'odd') return { principal: 'x' };
    return { isAuthorized: token === 'good', context: { sub: 'me', scopes: ['a'], routeArn, identitySource, type } };
  };`,
};

export const guarded = { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Guard' } };

export const fixture = (routes: Fixture['resources'], stage: object = {}): Fixture => ({
  resources: {
    Echo: lambdaFunction('echo'),
    Answer: lambdaFunction('answer'),
    Broken: lambdaFunction('broken'),
    Slow: lambdaFunction('slow', { Timeout: 30 }),
    GuardFunction: lambdaFunction('guard', { FunctionName: 'guard' }),
    Guard: authorizer('GuardFunction'),
    Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/access' } },
    ...httpApi(stage),
    ...routes,
  },
  assets,
});

export const call = (cloud: Cloud, path: string, init: RequestInit = { method: 'POST' }) =>
  fetch(`${cloud.apiEndpoint}${path}`, init);

export async function eventOf(response: Response): Promise<Record<string, unknown>> {
  const { event } = Object(await response.json());
  return event;
}
