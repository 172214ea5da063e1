import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describeRoutes } from '../../functions/openapi/document.ts';

interface MediaTypes {
  content?: Record<string, { schema: object }>;
}

interface OperationObject {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: MediaTypes & { required: boolean };
  responses: Record<string, MediaTypes>;
}

/** A request to the API, and its answer. */
export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  requestBody?: string | undefined;
  status: number;
  contentType: string | null;
  body: unknown;
}

// An OpenAPI document is not a JSON Schema, so only its schemas are compiled. `example` and others are annotations.
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const document = describeRoutes() as { paths: Record<string, Record<string, OperationObject>> };
ajv.addSchema({ ...document, $id: 'api' });

const compiled = new Map<string, ValidateFunction>();

/**
 * @returns how an exchange with the API differs from the description of the API: an undocumented route, status or media
 * type, an answer with unknown, missing or wrong members, or a request that is accepted although it is not documented.
 */
export function differencesFrom(exchange: Exchange): string[] {
  const { method, status, contentType, body } = exchange;
  const [path = '', query = ''] = exchange.path.split('?');
  const found = findOperation(method, path);
  if (!found) return [`${method} ${path} is not documented`];
  const { operation, place } = found;
  const response = operation.responses[String(status)];
  if (!response) return [`${place} does not document the status ${status}`];
  const type = contentType?.split(';')[0] ?? 'none';
  const media = response.content?.[type];
  if (!media) return [`${place} does not document ${type} for ${status}`];
  const ofAnswer = faultsOf([...place, 'responses', String(status), 'content', type, 'schema'], body).map(
    (fault) => `answer ${status}: ${fault}`,
  );
  // A test may send a wrong request on purpose, which is then rejected.
  return status < 300 ? [...ofAnswer, ...requestFaults(found, { query, exchange })] : ofAnswer;
}

/** The name of the route of a request; undefined if it is not documented. */
export const operationOf = (method: string, path: string): string | undefined =>
  findOperation(method, path.split('?')[0] ?? '')?.operation.operationId;

interface Found {
  operation: OperationObject;
  /** Its place in the document. */
  place: string[];
}

function findOperation(method: string, path: string): Found | undefined {
  const verb = method.toLowerCase();
  for (const [template, operations] of Object.entries(document.paths)) {
    const operation = operations[verb];
    const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
    if (operation && pattern.test(path)) return { operation, place: ['paths', template, verb] };
  }
  return undefined;
}

function requestFaults(
  { operation, place }: Found,
  { query, exchange: { requestBody } }: { query: string; exchange: Exchange },
): string[] {
  const parameters = operation.parameters ?? [];
  const inQuery = [...new URLSearchParams(query)].flatMap(([name, value]) => {
    const index = parameters.findIndex((parameter) => parameter.in === 'query' && parameter.name === name);
    if (index === -1) return [`the parameter ${name} is not documented`];
    const { schema } = parameters[index] ?? {};
    const isNumber = schema !== undefined && 'type' in schema && schema.type === 'integer';
    return faultsOf([...place, 'parameters', String(index), 'schema'], isNumber ? Number(value) : value);
  });
  if (requestBody === undefined || requestBody === '') return inQuery;
  if (!operation.requestBody) return inQuery;
  const ofBody = faultsOf(
    [...place, 'requestBody', 'content', 'application/json', 'schema'],
    JSON.parse(requestBody),
  );
  return [...inQuery, ...ofBody.map((fault) => `request: ${fault}`)];
}

function faultsOf(place: readonly string[], value: unknown): string[] {
  const reference = `api#/${place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = compiled.get(reference) ?? ajv.compile({ $ref: reference });
  compiled.set(reference, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
  );
}
