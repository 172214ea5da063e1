import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { type Organization, type Repository, type TransferredRepository, timestamp } from '../bank/bank.ts';
import { createGitRepository } from '../bank/git/git-repository.ts';
import { parseNodeId } from '../bank/node-id.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import { notSimulated, typedError } from './errors.ts';
import type { QueryCost } from './query-cost.ts';
import { repositoryConnection } from './repository-connection.ts';
import { repositoryNode as nodeOfRepository } from './repository-node.ts';

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
    const repository =
      reference?.type === 'Repository' ? repositoryWithId(reference.databaseId, context) : undefined;
    if (repository !== undefined) return repository;
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
    repository({ owner, name, followRenames }: { owner: string; name: string; followRenames?: boolean }) {
      const id =
        bank.repositoryNamed(owner, name)?.id ??
        (followRenames === false ? undefined : bank.repositoryOnceNamed(owner, name));
      const repository = id === undefined ? undefined : repositoryWithId(id, context);
      if (repository !== undefined) return repository;
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

function repositoryWithId(id: number, context: QueryContext): JsonObject | undefined {
  const { store, transferred } = context.site;
  const repository = store.bank.repositories.get(id);
  if (repository !== undefined) return repositoryNode(repository, context);
  const left = transferred === 'visible' ? store.bank.transferred.get(id) : undefined;
  return left === undefined ? undefined : transferredNode(left, context);
}

function repositoryNode(repository: Repository, context: QueryContext): JsonObject {
  const { bank } = context.site.store;
  return nodeOfRepository({
    repository,
    ownerLogin: bank.organization.login,
    base: context.base,
    git: () => bank.gitOf(repository.id),
    owner: () => organizationNode(bank.organization, context),
  });
}

/** What can still be seen of a repository that another owner has: not its content. */
function transferredNode(repository: TransferredRepository, context: QueryContext): JsonObject {
  const empty = createGitRepository();
  return nodeOfRepository({
    repository,
    ownerLogin: repository.owner,
    base: context.base,
    git: () => empty,
    owner: () => ({ __typename: 'Organization', login: repository.owner }),
  });
}
