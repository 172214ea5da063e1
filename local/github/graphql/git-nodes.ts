import type { GraphQLResolveInfo } from 'graphql';
import { type Commit, type GitRepository, isBinary } from '../bank/git/git-repository.ts';
import { historyOf } from '../bank/git/history.ts';
import type { Signature, TreeEntry } from '../bank/git/objects.ts';
import { resolveCommit } from '../bank/git/revisions.ts';
import { entryAt } from '../bank/git/trees.ts';
import { personWithEmail } from '../bank/items/people.ts';
import { gitObjectId } from '../bank/node-id.ts';
import { isJsonObject, type JsonObject } from '../request.ts';
import { connection } from './connection.ts';
import { notSimulated } from './errors.ts';
import { personNode } from './person-node.ts';

/** The repository that contains the objects. */
export interface GitSource {
  git: GitRepository;
  defaultBranch: string;
  repositoryId: number;
  /** The web URL of the repository, with which the URLs of its objects begin. */
  url: string;
  /** The repository as a GraphQL object. */
  repository(): JsonObject;
}

/** Longer texts are truncated. GitHub does not document this limit; clients have measured it. */
const MAX_TEXT_BYTES = 512_000;

/** Resolves `<revision>` or `<revision>:<path>`. Null, without an error, if it does not exist. */
export function objectNode(source: GitSource, { expression, oid }: JsonObject): JsonObject | null {
  if (typeof oid === 'string') return nodeOfOid(source, oid);
  const [, revision = '', path] = /^([^:]*)(?::(.*))?$/s.exec(String(expression ?? '')) ?? [];
  const commit = resolveCommit(source.git, revision, source.defaultBranch);
  if (commit === undefined) return path === undefined ? nodeOfOid(source, revision) : null;
  if (path === undefined) return commitNode(source, commit);
  const entry = entryAt(source.git, commit.tree, path);
  return entry === undefined ? null : nodeOfOid(source, entry.oid);
}

function nodeOfOid(source: GitSource, oid: string): JsonObject | null {
  const { git } = source;
  const commit = git.commit(oid);
  if (commit !== undefined) return commitNode(source, commit);
  const tree = git.tree(oid);
  if (tree !== undefined) return treeNode(source, oid, tree);
  const byteSize = git.blobSize(oid);
  return byteSize === undefined ? null : blobNode(source, oid, byteSize);
}

export function refNode(source: GitSource, fullName: string): JsonObject | null {
  const oid = source.git.refs.get(fullName);
  if (oid === undefined) return null;
  const [, prefix = 'refs/', name = ''] = /^(refs\/(?:heads|tags)\/|refs\/)(.*)$/.exec(fullName) ?? [];
  return {
    __typename: 'Ref',
    id: gitObjectId('REF', source.repositoryId, fullName),
    name,
    prefix,
    target: () => nodeOfOid(source, oid),
    repository: source.repository,
  };
}

export function refConnection(source: GitSource, args: JsonObject, info: GraphQLResolveInfo) {
  const prefix = String(args['refPrefix']);
  const query = typeof args['query'] === 'string' ? args['query'].toLowerCase() : '';
  const order = isJsonObject(args['orderBy']) ? args['orderBy'] : { direction: args['direction'] };
  const direction = order['direction'] === 'DESC' ? 'desc' : 'asc';
  const members = [...source.git.refs.keys()]
    .filter((name) => name.startsWith(prefix) && name.slice(prefix.length).toLowerCase().includes(query))
    .map((name) => ({
      name,
      key: order['field'] === 'TAG_COMMIT_DATE' ? commitDateKey(source.git, name) : name,
    }))
    .sort((a, b) => (direction === 'asc' ? 1 : -1) * (a.key < b.key ? -1 : 1));
  return connection(
    {
      name: 'refs',
      members,
      direction,
      positionOf: ({ key }) => ({ key, id: 0 }),
      nodeOf: ({ name }) => refNode(source, name),
    },
    args,
    info,
  );
}

function commitDateKey(git: GitRepository, name: string): string {
  return `${git.commit(git.refs.get(name) ?? '')?.committer.date ?? ''} ${name}`;
}

function commitNode(source: GitSource, commit: Commit): JsonObject {
  const { oid, message, tree } = commit;
  const [messageHeadline = '', ...rest] = message.split('\n');
  const url = `${source.url}/commit/${oid}`;
  return {
    ...objectFields('Commit', source, oid),
    url,
    commitUrl: url,
    resourcePath: new URL(url).pathname,
    commitResourcePath: new URL(url).pathname,
    treeUrl: `${source.url}/tree/${oid}`,
    committedDate: commit.committer.date,
    authoredDate: commit.author.date,
    pushedDate: null,
    message,
    messageHeadline,
    messageBody: rest.join('\n').trim(),
    author: actorNode(source, commit.author),
    committer: actorNode(source, commit.committer),
    authoredByCommitter: commit.author.email === commit.committer.email,
    committedViaWeb: false,
    signature: null,
    tree: () => nodeOfOid(source, tree),
    parents: (args: JsonObject, info: GraphQLResolveInfo) =>
      commitConnection(source, { name: 'parents', oids: commit.parents }, { args, info }),
    history: (args: JsonObject, info: GraphQLResolveInfo) =>
      commitConnection(source, { name: 'history', oids: historyOids(source, commit, args) }, { args, info }),
    file: ({ path }: { path: string }) => {
      const entry = entryAt(source.git, tree, path);
      return entry === undefined ? null : entryNode(source, entry, path);
    },
  };
}

function historyOids(
  { git }: GitSource,
  commit: Commit,
  { path, since, until, author }: JsonObject,
): string[] {
  if (author != null) throw notSimulated('the argument author of Commit.history');
  const from = typeof since === 'string' ? Date.parse(since) : Number.NEGATIVE_INFINITY;
  const to = typeof until === 'string' ? Date.parse(until) : Number.POSITIVE_INFINITY;
  return historyOf(git, commit, typeof path === 'string' && path !== '' ? path : undefined)
    .filter(({ committer }) => Date.parse(committer.date) >= from && Date.parse(committer.date) <= to)
    .map(({ oid }) => oid);
}

/** Cursors contain the index in the history, which never changes for a given commit. */
function commitConnection(
  source: GitSource,
  { name, oids }: { name: string; oids: readonly string[] },
  { args, info }: { args: JsonObject; info: GraphQLResolveInfo },
) {
  const members = oids.map((oid, index) => ({ oid, key: String(index).padStart(9, '0') }));
  return connection(
    {
      name,
      members,
      direction: 'asc',
      positionOf: ({ key }) => ({ key, id: 0 }),
      nodeOf: ({ oid }) => nodeOfOid(source, oid),
    },
    args,
    info,
  );
}

function actorNode({ url }: GitSource, { name, email, date }: Signature): JsonObject {
  const person = personWithEmail(email);
  const { origin } = new URL(url);
  return {
    name,
    email,
    date,
    avatarUrl: () => `${origin}/avatars/u/${person?.id ?? 0}?v=4`,
    user: person === undefined ? null : personNode(person, origin),
  };
}

function treeNode(source: GitSource, oid: string, entries: readonly TreeEntry[]): JsonObject {
  return {
    ...objectFields('Tree', source, oid),
    entries: () => entries.map((entry) => entryNode(source, entry, entry.name)),
  };
}

function entryNode(source: GitSource, { mode, name, oid }: TreeEntry, path: string): JsonObject {
  return {
    name,
    path,
    oid,
    mode: Number.parseInt(mode, 8),
    type: mode === '040000' ? 'tree' : 'blob',
    size: source.git.blobSize(oid) ?? 0,
    extension: /\.[^.]*$/.exec(name)?.[0] ?? '',
    isGenerated: false,
    submodule: null,
    object: () => nodeOfOid(source, oid),
    repository: source.repository,
  };
}

function blobNode(source: GitSource, oid: string, byteSize: number): JsonObject {
  return {
    ...objectFields('Blob', source, oid),
    byteSize,
    isBinary: () => isBinary(source.git, oid),
    isTruncated: byteSize > MAX_TEXT_BYTES,
    text: () => (isBinary(source.git, oid) ? null : String(source.git.blob(oid, MAX_TEXT_BYTES))),
  };
}

function objectFields(type: 'Commit' | 'Tree' | 'Blob', source: GitSource, oid: string) {
  const commitUrl = `${source.url}/commit/${oid}`;
  return {
    __typename: type,
    id: gitObjectId(type[0] ?? '', source.repositoryId, oid),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    commitUrl,
    commitResourcePath: new URL(commitUrl).pathname,
    repository: source.repository,
  };
}
