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
import type { Caller } from '../callers.ts';
import type { ChargedQuery } from '../limits/charges.ts';
import type { JsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import { executionError, type GitHubGraphqlError, validationError } from './errors.ts';
import { operationOf, type QueryCost, queryCost } from './query-cost.ts';
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

/** Who asks, and from where. */
interface Asked {
  caller: Caller;
  base: string;
  /** Told what the query costs before it is answered. */
  charge(query: ChargedQuery): void;
}

export type GraphqlEngine = (request: GraphqlRequest, asked: Asked) => Promise<GraphqlAnswer>;

/** Answers queries over the schema that GitHub publishes. */
export function createGraphqlEngine(site: Site): GraphqlEngine {
  const schema = readSchema();
  return async ({ query, operationName, variables }, { caller, base, charge }) => {
    const document = parseQuery(query);
    if (document instanceof GraphQLError) return { errors: [validationError(document)] };
    const faults = validate(schema, document);
    if (faults.length > 0) return { errors: faults.map(validationError) };

    const cost = queryCost(document, operationName, variables);
    if (cost.nodeCount > site.mostNodes) return { errors: [tooManyNodes(cost, site.mostNodes)] };
    charge({ cost: cost.cost, ...describeOperation(operationOf(document, operationName)) });
    const { data, errors } = await execute({
      schema,
      document,
      rootValue: rootOf({ site, caller, base, cost }),
      variableValues: variables,
      operationName: operationName ?? null,
      fieldResolver: resolveField,
    });
    return {
      ...(data === undefined ? {} : { data }),
      ...(errors === undefined ? {} : { errors: errors.map(executionError) }),
    };
  };
}

function tooManyNodes({ nodeCount }: QueryCost, most: number): GitHubGraphqlError {
  const [asked, limit] = [nodeCount, most].map((count) => count.toLocaleString('en-US'));
  const message = `This query requests up to ${asked} possible nodes which exceeds the maximum limit of ${limit}.`;
  return { type: 'MAX_NODE_LIMIT_EXCEEDED', message };
}

/** Mutations that create something are named so. */
function describeOperation(
  operation: OperationDefinitionNode | undefined,
): Pick<ChargedQuery, 'isMutation' | 'createsContent'> {
  const isMutation = operation?.operation === OperationTypeNode.MUTATION;
  const isCreating = (selection: SelectionNode): boolean =>
    selection.kind === Kind.FIELD && selection.name.value.startsWith('create');
  return { isMutation, createsContent: isMutation && operation.selectionSet.selections.some(isCreating) };
}

function parseQuery(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

let schemaRead: GraphQLSchema | undefined;

/** Takes a fifth of a second, hence once in a process: it says nothing of a site. */
function readSchema(): GraphQLSchema {
  schemaRead ??= buildSchema(readFileSync(schemaPath(), 'utf8'), {
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  });
  return schemaRead;
}

/** The package exports no path to this file, hence the way by its manifest. */
function schemaPath(): string {
  const manifest = findPackageJSON('@octokit/graphql-schema', import.meta.url);
  if (manifest === undefined) throw new Error('The package @octokit/graphql-schema is not installed.');
  return join(dirname(manifest), 'schema.graphql');
}
