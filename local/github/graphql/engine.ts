import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionNode,
  validate,
} from 'graphql';
import { isNestedDeeper } from '../../../functions/shared/contract/json-depth.ts';
import type { Caller } from '../callers.ts';
import type { ChargedQuery } from '../limits/charges.ts';
import type { JsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import { executionError, type GitHubGraphqlError, validationError } from './errors.ts';
import { operationOf, type QueryCost, queryCost } from './query-cost.ts';
import { createQueryTimer, NO_TIMER } from './query-time.ts';
import { resolveField, rootOf } from './resolvers.ts';

interface GraphqlRequest {
  query: string;
  operationName: string | undefined;
  variables: JsonObject;
}

interface GraphqlAnswer {
  data?: unknown;
  errors?: readonly GitHubGraphqlError[];
}

interface TimedAnswer {
  answer: GraphqlAnswer;
  /** How long GitHub takes to compute the answer. */
  ms: number;
}

interface RequestContext {
  caller: Caller;
  base: string;
  /** Called with the cost of the query before it is answered. */
  charge(query: ChargedQuery): void;
}

export type GraphqlEngine = (request: GraphqlRequest, context: RequestContext) => Promise<TimedAnswer>;

/** Answers queries with the schema that GitHub publishes. */
export function createGraphqlEngine(site: Site): GraphqlEngine {
  const schema = readSchema();
  return async ({ query, operationName, variables }, { caller, base, charge }) => {
    const known = validDocuments.get(query);
    const document = known ?? parseQuery(query);
    if (document instanceof GraphQLError) return refused([validationError(document)]);
    const faults = known ? [] : validate(schema, document);
    if (faults.length > 0) return refused(faults.map(validationError));
    if (!known) remember(query, document);

    const cost = queryCost(document, operationName, variables);
    if (cost.nodeCount > site.maxNodes) return refused([tooManyNodes(cost, site.maxNodes)]);
    charge({ cost: cost.cost, ...describeOperation(operationOf(document, operationName)) });
    const timer = site.queryTimes ? createQueryTimer(site.queryTimes) : NO_TIMER;
    const { data, errors } = await execute({
      schema,
      document,
      rootValue: rootOf({ site, caller, base, cost }),
      variableValues: variables,
      operationName: operationName ?? null,
      fieldResolver: (source, args, context, info) => {
        timer.read(info.parentType.name, source);
        return resolveField(source, args, context, info);
      },
    });
    const answer = {
      ...(data === undefined ? {} : { data }),
      ...(errors === undefined ? {} : { errors: errors.map(executionError) }),
    };
    return { answer, ms: timer.ms() };
  };
}

/** A query that is not executed takes no time. */
const refused = (errors: GitHubGraphqlError[]): TimedAnswer => ({ answer: { errors }, ms: 0 });

function tooManyNodes({ nodeCount }: QueryCost, maxNodes: number): GitHubGraphqlError {
  const [requested, limit] = [nodeCount, maxNodes].map((count) => count.toLocaleString('en-US'));
  const message = `This query requests up to ${requested} possible nodes which exceeds the maximum limit of ${limit}.`;
  return { type: 'MAX_NODE_LIMIT_EXCEEDED', message };
}

/** The names of mutations that create content begin with `create`. */
function describeOperation(
  operation: OperationDefinitionNode | undefined,
): Pick<ChargedQuery, 'isMutation' | 'createsContent'> {
  const isMutation = operation?.operation === OperationTypeNode.MUTATION;
  const isCreating = (selection: SelectionNode): boolean =>
    selection.kind === Kind.FIELD && selection.name.value.startsWith('create');
  return { isMutation, createsContent: isMutation && operation.selectionSet.selections.some(isCreating) };
}

const MAX_DOCUMENTS = 100;
const validDocuments = new Map<string, DocumentNode>();

/** Clients send the same few queries, and validating one takes longer than answering it. */
function remember(query: string, document: DocumentNode): void {
  if (validDocuments.size >= MAX_DOCUMENTS) validDocuments.clear();
  validDocuments.set(query, document);
}

/** GitHub documents no such limit. The parser overflows the stack at less than two thousand levels. */
const MAX_LEVELS = 200;

function parseQuery(query: string): DocumentNode | GraphQLError {
  // The strings of GraphQL look like those of JSON.
  if (isNestedDeeper(query, MAX_LEVELS)) {
    return new GraphQLError(`The query is nested more than ${MAX_LEVELS} levels deep.`);
  }
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

let cachedSchema: GraphQLSchema | undefined;

/** Cached for the process, because building the schema takes 0.2 seconds. */
function readSchema(): GraphQLSchema {
  cachedSchema ??= buildSchema(readFileSync(schemaPath(), 'utf8'), {
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  });
  return cachedSchema;
}

/** Located through package.json, because the package does not export the file. */
function schemaPath(): string {
  const manifest = findPackageJSON('@octokit/graphql-schema', import.meta.url);
  if (manifest === undefined) throw new Error('The package @octokit/graphql-schema is not installed.');
  return join(dirname(manifest), 'schema.graphql');
}
