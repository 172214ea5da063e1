import { JOB_NAME } from '../shared/contract/names.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import { errorsByStatus, OPERATIONS, type Operation, PATH_PARAMETERS } from './operations.ts';
import { described, type Schema, text } from './schema.ts';
import { SCHEMAS } from './schemas.ts';

type Route = (typeof ROUTES)[keyof typeof ROUTES];
type Scope = Route['scope'];

const DESCRIPTION = `Starts, follows and controls the runs of \`${JOB_NAME}\`, and reads the mirror of the item bank.

Errors of the functions are \`application/problem+json\` (RFC 9457) with a stable \`code\`. 401, 403 and 429 may be
answers of the gateway, which have its own body.`;

/** The description of the API, as OpenAPI 3.1. */
export function describeRoutes(): Schema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Item Synchronization Process',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'UNLICENSED', url: 'https://spdx.org/licenses/' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Executions', description: 'Runs: their history, their progress and their control.' },
      { name: 'Items', description: 'Items of the mirror.' },
      { name: 'Deliveries', description: "GitHub's deliveries." },
      { name: 'Description', description: 'This document.' },
    ],
    paths: pathItems(),
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'A token with the scope that the operation requires. The settings `syncScope` and `readScope` have their names.',
        },
      },
    },
  };
}

function pathItems(): Record<string, Record<string, Schema>> {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    const operation = OPERATIONS[name as keyof typeof ROUTES];
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: describeOperation(name, route, operation),
    };
  }
  return paths;
}

function describeOperation(name: string, { path, scope }: Route, operation: Operation): Schema {
  const { summary, description, tag, body } = operation;
  const parameters = parametersOf(path, operation);
  return {
    operationId: name,
    summary,
    ...(description && { description }),
    tags: [tag],
    ...SECURITY[scope],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: body.required, content: mediaTypes(body.content) } }),
    responses: responsesOf(operation, scope),
  };
}

/** For schemes other than OAuth 2.0, OpenAPI 3.1 allows a list of roles here, which is only for readers. */
const SECURITY: Record<Scope, Schema> = {
  sync: { security: [{ bearerToken: ['sync'] }] },
  read: { security: [{ bearerToken: ['read'] }] },
  signature: { security: [] },
  none: { security: [] },
};

function parametersOf(path: string, { query = {}, headers = {} }: Operation): Schema[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameter = (name: string, place: string, schema: Schema | undefined): Schema => ({
    name,
    in: place,
    required: place !== 'query',
    schema,
  });
  return [
    ...inPath.map((name) => parameter(name, 'path', PATH_PARAMETERS[name])),
    ...Object.entries(query).map(([name, schema]) => parameter(name, 'query', schema)),
    ...Object.entries(headers).map(([name, schema]) => parameter(name, 'header', schema)),
  ];
}

const mediaTypes = (content: Readonly<Record<string, Schema>>): Schema =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));

const PROBLEM = { $ref: '#/components/schemas/Problem' };
const GATEWAY_ERROR = { 'application/json': { schema: { $ref: '#/components/schemas/GatewayError' } } };
const RETRY_AFTER = { 'Retry-After': { schema: described('In seconds.', text) } };

function responsesOf({ answer, errors }: Operation, scope: Scope): Schema {
  const { status, description, content, headers = {} } = answer;
  const problems = errorsByStatus(errors).map(([code, codes]) => [
    code,
    {
      description: codes.map((name) => `\`${name}\``).join(', '),
      content: { 'application/problem+json': { schema: PROBLEM } },
      ...(code === '503' && { headers: RETRY_AFTER }),
    },
  ]);
  const needsToken = scope === 'sync' || scope === 'read';
  return {
    [status]: {
      description,
      content: mediaTypes(content),
      ...(Object.keys(headers).length > 0 && {
        headers: Object.fromEntries(Object.entries(headers).map(([name, schema]) => [name, { schema }])),
      }),
    },
    ...Object.fromEntries(problems),
    ...(needsToken && {
      401: { description: 'There is no token, or it is not valid.', content: GATEWAY_ERROR },
      403: { description: 'The token lacks the scope of the route.', content: GATEWAY_ERROR },
    }),
    429: { description: 'Too many requests.', content: GATEWAY_ERROR },
    500: {
      description: '`INTERNAL_ERROR`, or an answer of the gateway.',
      content: { 'application/problem+json': { schema: PROBLEM }, ...GATEWAY_ERROR },
    },
  };
}
