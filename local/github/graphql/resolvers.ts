import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { type Organization, type Repository, timestamp } from '../bank/bank.ts';
import { parseNodeId } from '../bank/node-id.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import { notSimulated, typedError } from './errors.ts';
import type { QueryCost } from './query-cost.ts';
import { repositoryConnection } from './repository-connection.ts';

/** What one query is answered from. */
export interface QueryContext {
  site: Site;
  base: string;
  cost: QueryCost;
}

/** GitHub's limit of one `nodes` query. */
const MAX_NODE_IDS = 100;

/**
 * Reads the field from what the parent resolved to. GitHub's schema has thousands of fields and the bank knows a
 * few: one that it does not know is an error that names it, never an empty answer.
 */
export const resolveField: GraphQLFieldResolver<unknown, unknown> = (source, args, _context, info) => {
  if (!isJsonObject(source) || !Object.hasOwn(source, info.fieldName)) {
    throw notSimulated(`${info.parentType.name}.${info.fieldName}`);
  }
  const value = source[info.fieldName];
  return typeof value === 'function' ? value(args, info) : value;
};

export function rootOf(context: QueryContext) {
  const { site } = context;
  const { bank } = site.store;
  const node = (id: string): JsonObject | Error => {
    const reference = parseNodeId(id);
    const repository = bank.repositories.get(reference?.databaseId ?? -1);
    if (reference?.type === 'Repository' && repository !== undefined)
      return repositoryNode(repository, context);
    if (reference?.type === 'Organization' && reference.databaseId === bank.organization.id) {
      return organizationNode(bank.organization, context);
    }
    return unresolved(`a node with the global id of '${id}'`);
  };
  return {
    organization({ login }: { login: string }) {
      if (login.toLowerCase() === bank.organization.login.toLowerCase()) {
        return organizationNode(bank.organization, context);
      }
      return unresolved(`an Organization with the login of '${login}'.`);
    },
    repository({ owner, name }: { owner: string; name: string }) {
      const repository = bank.repositoryNamed(owner, name);
      if (repository !== undefined) return repositoryNode(repository, context);
      return unresolved(`a Repository with the name '${owner}/${name}'.`);
    },
    node: ({ id }: { id: string }) => node(id),
    nodes({ ids }: { ids: readonly string[] }) {
      if (ids.length <= MAX_NODE_IDS) return ids.map(node);
      const message = `You may not provide more than ${MAX_NODE_IDS} node ids; you provided ${ids.length}.`;
      throw typedError('ARGUMENT_LIMIT', message);
    },
    rateLimit: () => rateLimit(context),
  };
}

const unresolved = (what: string): Error => typedError('NOT_FOUND', `Could not resolve to ${what}`);

function rateLimit({ site, cost }: QueryContext): JsonObject | null {
  if (site.limits === undefined) return null;
  const { reset, ...status } = site.limits.status('graphql');
  return { ...cost, ...status, resetAt: timestamp(new Date(reset * 1000)) };
}

function organizationNode(organization: Organization, context: QueryContext): JsonObject {
  const { login, id, nodeId, createdAt } = organization;
  return {
    __typename: 'Organization',
    id: nodeId,
    databaseId: id,
    login,
    name: login,
    description: null,
    createdAt,
    updatedAt: createdAt,
    url: `${context.base}/${login}`,
    resourcePath: `/${login}`,
    repositories: (args: JsonObject, info: GraphQLResolveInfo) =>
      repositoryConnection({
        site: context.site,
        args,
        info,
        nodeOf: (repository) => repositoryNode(repository, context),
      }),
    repository: ({ name }: { name: string }) => rootOf(context).repository({ owner: login, name }),
  };
}

function repositoryNode(repository: Repository, context: QueryContext): JsonObject {
  const { organization } = context.site.store.bank;
  const nameWithOwner = `${organization.login}/${repository.name}`;
  const isEmpty = repository.size === 0;
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner,
    description: repository.description,
    url: `${context.base}/${nameWithOwner}`,
    resourcePath: `/${nameWithOwner}`,
    owner: () => organizationNode(organization, context),
    isArchived: repository.archived,
    isDisabled: repository.disabled,
    isEmpty,
    isFork: false,
    isInOrganization: true,
    isLocked: false,
    isMirror: false,
    isPrivate: repository.private,
    isTemplate: false,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    viewerPermission: 'ADMIN',
    viewerCanAdminister: true,
    diskUsage: repository.size,
    createdAt: repository.createdAt,
    updatedAt: repository.updatedAt,
    pushedAt: repository.pushedAt,
    defaultBranchRef: isEmpty ? null : branchNode(repository.defaultBranch),
  };
}

function branchNode(name: string): JsonObject {
  return { __typename: 'Ref', name, prefix: 'refs/heads/' };
}
