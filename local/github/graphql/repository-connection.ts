import type { GraphQLResolveInfo } from 'graphql';
import type { Repository } from '../bank/entities.ts';
import { type Direction, type RepositorySort, SORT_KEYS } from '../bank/repository-order.ts';
import { isSeenBy } from '../callers.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import { connection } from './connection.ts';
import { notSimulated } from './errors.ts';
import type { QueryContext } from './query-context.ts';

const SORT_BY_FIELD = new Map<unknown, RepositorySort>([
  ['CREATED_AT', 'created'],
  ['UPDATED_AT', 'updated'],
  ['PUSHED_AT', 'pushed'],
  ['NAME', 'full_name'],
]);

/** Supported arguments. `ownerAffiliations` has no effect, because the organization owns all its repositories. */
const SUPPORTED = new Set(
  'first last after before orderBy isArchived isFork isLocked privacy visibility ownerAffiliations'.split(
    ' ',
  ),
);

export interface RepositoryConnectionRequest {
  context: QueryContext;
  args: JsonObject;
  info: GraphQLResolveInfo;
  nodeOf(repository: Repository): unknown;
}

export function repositoryConnection({ context, args, info, nodeOf }: RepositoryConnectionRequest) {
  const unsupported = Object.keys(args).find((name) => args[name] != null && !SUPPORTED.has(name));
  if (unsupported !== undefined)
    throw notSimulated(`the argument ${unsupported} of Organization.repositories`);
  const { sort, direction } = parseOrder(args['orderBy']);
  const members = context.site
    .repositoriesInOrder(sort, direction)
    .filter((repository) => isSeenBy(context.caller, repository.id) && matches(repository, args));
  const keyOf = SORT_KEYS[sort];
  const positionOf = (repository: Repository) => ({ key: keyOf(repository), id: repository.id });
  const page = connection({ name: 'repositories', members, direction, positionOf, nodeOf }, args, info);
  return { ...page, totalDiskUsage: members.reduce((total, { size }) => total + size, 0) };
}

function parseOrder(orderBy: unknown): { sort: RepositorySort; direction: Direction } {
  if (!isJsonObject(orderBy)) return { sort: 'created', direction: 'asc' };
  const sort = SORT_BY_FIELD.get(orderBy['field']);
  if (sort === undefined) throw notSimulated(`repositories ordered by ${String(orderBy['field'])}`);
  return { sort, direction: orderBy['direction'] === 'DESC' ? 'desc' : 'asc' };
}

/** No repository in the bank is a fork or locked. */
function matches(repository: Repository, args: JsonObject): boolean {
  const visibility = args['visibility'] ?? args['privacy'];
  return (
    (args['isArchived'] ?? repository.archived) === repository.archived &&
    args['isFork'] !== true &&
    args['isLocked'] !== true &&
    (visibility == null || visibility === (repository.private ? 'PRIVATE' : 'PUBLIC'))
  );
}
