import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

export interface QueryCost {
  /** Points of the primary limit. */
  cost: number;
  /** The most nodes that the query may return. */
  nodeCount: number;
}

export type Variables = Readonly<Record<string, unknown>>;

interface Totals {
  requests: number;
  nodes: number;
}

/**
 * GitHub's arithmetic: the requests it would take to fill every connection, each parent asking once, divided by
 * 100, rounded, at least 1 (docs.github.com, "Rate limits and query limits for the GraphQL API").
 */
export function queryCost(
  document: DocumentNode,
  operationName: string | undefined,
  variables: Variables,
): QueryCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const operation = operations.find(
    ({ name }) => operationName === undefined || name?.value === operationName,
  );
  const totals: Totals = { requests: 0, nodes: 0 };

  const walk = (selectionSet: SelectionSetNode | undefined, parents: number): void => {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        walk(fragments.get(selection.name.value)?.selectionSet, parents);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, parents);
      } else {
        const size = connectionSize(selection, variables);
        if (size !== undefined) {
          totals.requests += parents;
          totals.nodes += parents * size;
        }
        walk(selection.selectionSet, parents * (size ?? 1));
      }
    }
  };
  walk(operation?.selectionSet, 1);
  return { cost: Math.max(1, Math.round(totals.requests / 100)), nodeCount: totals.nodes };
}

/** What `first` or `last` asks for; undefined for a field that is no connection. */
function connectionSize(field: FieldNode, variables: Variables): number | undefined {
  const bound = field.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last')?.value;
  if (bound?.kind === Kind.INT) return Number(bound.value);
  if (bound?.kind !== Kind.VARIABLE) return undefined;
  const value = variables[bound.name.value];
  return typeof value === 'number' ? value : undefined;
}
