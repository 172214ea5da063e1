import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { comparePositions, type Position } from '../bank/repository-order.ts';
import { typedError } from './errors.ts';

export interface ConnectionArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

export interface Connectable<T> {
  /** The name of the field in error messages. */
  name: string;
  /** Sorted by position. */
  members: readonly T[];
  direction: 'asc' | 'desc';
  positionOf(member: T): Position;
  nodeOf(member: T): unknown;
}

const MAX_PAGE = 100;

/** A Relay connection with GitHub's rules: `first` or `last` is required unless only the count is requested. */
export function connection<T>(list: Connectable<T>, args: ConnectionArguments, info: GraphQLResolveInfo) {
  assertBounds(list.name, args, info);
  const [from, to] = window(list, args);
  const members = list.members.slice(from, to);
  const edges = members.map((member) => ({
    cursor: encodeCursor(list.positionOf(member)),
    node: () => list.nodeOf(member),
  }));
  return {
    totalCount: list.members.length,
    edges,
    nodes: () => members.map((member) => list.nodeOf(member)),
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasPreviousPage: from > 0,
      hasNextPage: to < list.members.length,
    },
  };
}

function assertBounds(name: string, { first, last }: ConnectionArguments, info: GraphQLResolveInfo): void {
  const selected = selectedFields(info);
  if (first == null && last == null && (selected.has('nodes') || selected.has('edges'))) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
    throw typedError('MISSING_PAGINATION_BOUNDARIES', message);
  }
  for (const [bound, value] of Object.entries({ first, last })) {
    if (value != null && value > MAX_PAGE) {
      const message = `Requesting ${value} records on the \`${name}\` connection exceeds the \`${bound}\` limit of ${MAX_PAGE} records.`;
      throw typedError('EXCESSIVE_PAGINATION', message);
    }
  }
}

/** The range between the cursors, limited to `first` or `last` members. */
function window<T>(list: Connectable<T>, args: ConnectionArguments): [from: number, to: number] {
  const sign = list.direction === 'asc' ? 1 : -1;
  const firstWhere = (holds: (order: number) => boolean, cursor: Position): number => {
    const index = list.members.findIndex((member) =>
      holds(sign * comparePositions(list.positionOf(member), cursor)),
    );
    return index === -1 ? list.members.length : index;
  };
  let from = args.after == null ? 0 : firstWhere((order) => order > 0, decodeCursor(args.after));
  let to =
    args.before == null ? list.members.length : firstWhere((order) => order >= 0, decodeCursor(args.before));
  if (args.first != null) to = Math.min(to, from + args.first);
  else if (args.last != null) from = Math.max(from, to - args.last);
  return [from, Math.max(from, to)];
}

/** A cursor encodes a position, not a member, so that it stays valid when its member is deleted. */
function encodeCursor({ key, id }: Position): string {
  return Buffer.from(`cursor:v2:${JSON.stringify([key, id])}`).toString('base64');
}

function decodeCursor(cursor: string): Position {
  const [, text] = /^cursor:v2:(\[.*\])$/.exec(Buffer.from(cursor, 'base64').toString()) ?? [];
  const [key, id] = text === undefined ? [] : parseList(text);
  if (typeof key === 'string' && typeof id === 'number') return { key, id };
  throw typedError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
}

function parseList(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** The names of the selected subfields, including those in fragments. */
function selectedFields(info: GraphQLResolveInfo): Set<string> {
  const names = new Set<string>();
  const collect = (selectionSet: SelectionSetNode | undefined): void => {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else collect(info.fragments[selection.name.value]?.selectionSet);
    }
  };
  for (const node of info.fieldNodes) collect(node.selectionSet);
  return names;
}
