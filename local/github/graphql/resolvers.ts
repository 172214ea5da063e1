import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import {
  type Organization,
  type Repository,
  type TransferredRepository,
  timestamp,
} from '../bank/entities.ts';
import { foreignOwner } from '../bank/foreign-owner.ts';
import { personWithLogin, VIEWER } from '../bank/items/people.ts';
import { parseNodeId } from '../bank/node-id.ts';
import { isSeenBy } from '../callers.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import { notSimulated, typedError, unresolved } from './errors.ts';
import { mutationsOf } from './mutations.ts';
import { personNode } from './person-node.ts';
import type { QueryContext } from './query-context.ts';
import { repositoryConnection } from './repository-connection.ts';
import { repositoryNode as nodeOfRepository } from './repository-node.ts';

/** GitHub's limit of ids in `nodes(ids:)`. */
const MAX_NODE_IDS = 100;

/**
 * Reads the field from the parent object. Only a few of the thousands of fields in GitHub's schema are supported. Any
 * other field results in an error that names it, not in null.
 */
export const resolveField: GraphQLFieldResolver<unknown, unknown> = (source, args, _context, info) => {
  if (!isJsonObject(source) || !Object.hasOwn(source, info.fieldName)) {
    throw notSimulated(`${info.parentType.name}.${info.fieldName}`);
  }
  const value = source[info.fieldName];
  return typeof value === 'function' ? value(args, info) : value;
};

export function rootOf(context: QueryContext) {
  const { bank } = context.site.store;
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
    ...accountsOf(context),
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
    ...mutationsOf(context, (repository) => repositoryNode(repository, context)),
  };
}

function accountsOf(context: QueryContext) {
  const { organization: ours } = context.site.store.bank;
  const organizationNamed = (login: string): JsonObject | undefined =>
    login.toLowerCase() === ours.login.toLowerCase() ? organizationNode(ours, context) : undefined;
  const userNamed = (login: string): JsonObject | undefined => {
    const person = personWithLogin(login);
    return person === undefined ? undefined : personNode(person, context.base);
  };
  return {
    viewer: () => personNode(VIEWER, context.base),
    organization: ({ login }: { login: string }) =>
      organizationNamed(login) ?? unresolved(`an Organization with the login of '${login}'.`),
    user: ({ login }: { login: string }) =>
      userNamed(login) ?? unresolved(`a User with the login of '${login}'.`),
    // Unlike the others, this field is null without an error for an unknown login.
    repositoryOwner: ({ login }: { login: string }) => organizationNamed(login) ?? userNamed(login) ?? null,
  };
}

function rateLimit({ caller: { allowance }, cost }: QueryContext): JsonObject | null {
  if (allowance === undefined) return null;
  const { reset, ...status } = allowance.primary.status('graphql');
  return { ...cost, ...status, resetAt: timestamp(new Date(reset * 1000)) };
}

function organizationNode(organization: Organization, context: QueryContext): JsonObject {
  const { login } = organization;
  return {
    ...organizationFields(organization, context.base),
    repositories: (args: JsonObject, info: GraphQLResolveInfo) =>
      repositoryConnection({
        context,
        args,
        info,
        nodeOf: (repository) => repositoryNode(repository, context),
      }),
    repository: ({ name }: { name: string }) => rootOf(context).repository({ owner: login, name }),
  };
}

function organizationFields({ login, id, nodeId, createdAt }: Organization, base: string): JsonObject {
  return {
    __typename: 'Organization',
    id: nodeId,
    databaseId: id,
    login,
    name: login,
    description: null,
    createdAt,
    updatedAt: createdAt,
    url: `${base}/${login}`,
    resourcePath: `/${login}`,
  };
}

function repositoryWithId(id: number, context: QueryContext): JsonObject | undefined {
  const { caller, site } = context;
  const { bank } = site.store;
  const repository = bank.repositories.get(id);
  if (repository !== undefined) return isSeenBy(caller, id) ? repositoryNode(repository, context) : undefined;
  const isVisible = site.transferred === 'visible' && caller.kind !== 'installation';
  const left = isVisible ? bank.transferred.get(id) : undefined;
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

function transferredNode(repository: TransferredRepository, { site, base }: QueryContext): JsonObject {
  return nodeOfRepository({
    repository,
    ownerLogin: repository.owner,
    base,
    git: () => site.store.bank.gitOf(repository.id),
    owner: () => organizationFields(foreignOwner(repository), base),
  });
}
