import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';

export interface QueryCost {
  /** Points of the primary limit. */
  cost: number;
  /** The maximum number of nodes that the query can return. */
  nodeCount: number;
}

export type Variables = Readonly<Record<string, unknown>>;

interface Totals {
  requests: number;
  nodes: number;
}

/** The operation to execute; undefined when the document has none of that name. */
export function operationOf(
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode | undefined {
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .find(({ name }) => operationName === undefined || name?.value === operationName);
}

/**
 * Computes the cost like GitHub: the number of requests needed to fill all connections, one per parent, divided by 100,
 * rounded, and at least 1 (docs.github.com, "Rate limits and query limits for the GraphQL API"). GitHub does not
 * document `nodes(ids:)`. Here each id counts as a parent, but not as a node.
 */
export function queryCost(
  document: DocumentNode,
  operationName: string | undefined,
  variables: Variables,
): QueryCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const operation = operationOf(document, operationName);
  const values = { ...defaultsOf(operation), ...variables };
  const totals: Totals = { requests: 0, nodes: 0 };

  const walkField = (field: FieldNode, parents: number): void => {
    const size = connectionSize(field, values);
    if (size !== undefined) {
      totals.requests += parents;
      totals.nodes += parents * size;
    }
    walk(field.selectionSet, parents * (size ?? idCount(field, values) ?? 1));
  };
  const walk = (selectionSet: SelectionSetNode | undefined, parents: number): void => {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        walk(fragments.get(selection.name.value)?.selectionSet, parents);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, parents);
      } else {
        walkField(selection, parents);
      }
    }
  };
  walk(operation?.selectionSet, 1);
  return { cost: Math.max(1, Math.round(totals.requests / 100)), nodeCount: totals.nodes };
}

function defaultsOf(operation: OperationDefinitionNode | undefined): Variables {
  const defaults = (operation?.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  return Object.fromEntries(defaults);
}

/** The value of `first` or `last`; undefined for a field that is not a connection. */
function connectionSize(field: FieldNode, variables: Variables): number | undefined {
  return ['first', 'last']
    .map((name) => argument(field, name, variables))
    .find((value) => typeof value === 'number');
}

/** The number of ids of `nodes(ids:)`; undefined for any other field. */
function idCount(field: FieldNode, variables: Variables): number | undefined {
  const ids = field.name.value === 'nodes' ? argument(field, 'ids', variables) : undefined;
  return Array.isArray(ids) ? ids.length : undefined;
}

function argument(field: FieldNode, name: string, variables: Variables): unknown {
  const value: ValueNode | undefined = field.arguments?.find((given) => given.name.value === name)?.value;
  return value === undefined ? undefined : valueFromASTUntyped(value, variables);
}
