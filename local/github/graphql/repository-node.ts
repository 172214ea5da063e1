import type { GraphQLResolveInfo } from 'graphql';
import type { Repository } from '../bank/entities.ts';
import type { JsonObject } from '../request.ts';
import { type GitSource, objectNode, refConnection, refNode } from './git-nodes.ts';

export interface RepositoryNodeSource {
  repository: Repository;
  /** The login of the owner. */
  ownerLogin: string;
  base: string;
  git: () => GitSource['git'];
  owner: () => unknown;
}

/** The repository's history is created only if the query needs it. */
export function repositoryNode(from: RepositoryNodeSource): JsonObject {
  const { repository, ownerLogin, base } = from;
  const nameWithOwner = `${ownerLogin}/${repository.name}`;
  const url = `${base}/${nameWithOwner}`;
  const source = (): GitSource => ({
    git: from.git(),
    defaultBranch: repository.defaultBranch,
    repositoryId: repository.id,
    url,
    repository: () => repositoryNode(from),
  });
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner,
    description: repository.description,
    url,
    resourcePath: `/${nameWithOwner}`,
    sshUrl: `git@${new URL(base).hostname}:${nameWithOwner}.git`,
    owner: from.owner,
    isArchived: repository.archived,
    archivedAt: repository.archived ? repository.updatedAt : null,
    isDisabled: repository.disabled,
    isEmpty: repository.size === 0,
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
    defaultBranchRef: () => refNode(source(), `refs/heads/${repository.defaultBranch}`),
    object: (args: JsonObject) => objectNode(source(), args),
    ref: ({ qualifiedName }: { qualifiedName: string }) => namedRef(source(), qualifiedName),
    refs: (args: JsonObject, info: GraphQLResolveInfo) => refConnection(source(), args, info),
  };
}

/** Like git, GitHub accepts `refs/heads/main`, `heads/main` and `main`. */
function namedRef(source: GitSource, name: string): JsonObject | null {
  const names = [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`];
  const known = names.find((candidate) => source.git.refs.has(candidate));
  return known === undefined ? null : refNode(source, known);
}
