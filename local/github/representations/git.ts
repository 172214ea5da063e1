import type { components } from '@octokit/openapi-types';
import type { Commit, GitRepository } from '../bank/git/git-repository.ts';
import type { Signature } from '../bank/git/objects.ts';
import { type Person, personWithEmail } from '../bank/items/people.ts';
import { gitObjectId, nodeId } from '../bank/node-id.ts';
import { simpleUser } from './account.ts';
import { changedFiles } from './diff.ts';

type Schemas = components['schemas'];

/** A repository's git objects, and the parts of their URLs. */
export interface GitContext {
  git: GitRepository;
  repositoryId: number;
  base: string;
  /** `owner/name`. */
  fullName: string;
}

const apiUrl = ({ base, fullName }: GitContext): string => `${base}/repos/${fullName}`;
const webUrl = ({ base, fullName }: GitContext): string => `${base}/${fullName}`;

/** Nothing in the bank is signed. */
const UNSIGNED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** The account with that e-mail address; null, like on GitHub, if there is none. */
function accountOf({ email }: Signature, base: string): Schemas['simple-user'] | null {
  const person = personWithEmail(email);
  return person === undefined ? null : personAnswer(person, base);
}

export function personAnswer({ login, id }: Person, base: string): Schemas['simple-user'] {
  const account = { login, id, nodeId: nodeId({ type: 'User', databaseId: id }), type: 'User' };
  return simpleUser(account, base);
}

/** A commit as in a listing, without its files. */
export function commitAnswer(commit: Commit, context: GitContext): Schemas['commit'] {
  const { oid, author, committer, message, tree, parents } = commit;
  const url = apiUrl(context);
  return {
    sha: oid,
    node_id: gitObjectId('C', context.repositoryId, oid),
    commit: {
      author,
      committer,
      message,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      url: `${url}/git/commits/${oid}`,
      comment_count: 0,
      verification: UNSIGNED,
    },
    url: `${url}/commits/${oid}`,
    html_url: `${webUrl(context)}/commit/${oid}`,
    comments_url: `${url}/commits/${oid}/comments`,
    author: accountOf(author, context.base),
    committer: accountOf(committer, context.base),
    parents: parents.map((sha) => parentAnswer(sha, context)),
  };
}

function parentAnswer(sha: string, context: GitContext) {
  return {
    sha,
    url: `${apiUrl(context)}/commits/${sha}`,
    html_url: `${webUrl(context)}/commit/${sha}`,
  };
}

export function fullCommitAnswer(commit: Commit, context: GitContext): Schemas['commit'] {
  const files = changedFiles(commit, context.git).map((file): Schemas['diff-entry'] => {
    const path = file.filename.split('/').map(encodeURIComponent).join('/');
    return {
      ...file,
      blob_url: `${webUrl(context)}/blob/${commit.oid}/${path}`,
      raw_url: `${webUrl(context)}/raw/${commit.oid}/${path}`,
      contents_url: `${apiUrl(context)}/contents/${path}?ref=${commit.oid}`,
    };
  });
  const additions = files.reduce((total, file) => total + file.additions, 0);
  const deletions = files.reduce((total, file) => total + file.deletions, 0);
  return {
    ...commitAnswer(commit, context),
    stats: { total: additions + deletions, additions, deletions },
    files,
  };
}

/** The git object of a commit, as answered by `git/commits`. */
export function gitCommitAnswer(commit: Commit, context: GitContext): Schemas['git-commit'] {
  const { oid, author, committer, message, tree, parents } = commit;
  const url = apiUrl(context);
  return {
    sha: oid,
    node_id: gitObjectId('C', context.repositoryId, oid),
    url: `${url}/git/commits/${oid}`,
    html_url: `${webUrl(context)}/commit/${oid}`,
    author,
    committer,
    message,
    tree: { sha: tree, url: `${url}/git/trees/${tree}` },
    parents: parents.map((sha) => ({
      ...parentAnswer(sha, context),
      url: `${url}/git/commits/${sha}`,
    })),
    verification: UNSIGNED,
  };
}

export function blobAnswer(sha: string, content: Buffer, context: GitContext): Schemas['blob'] {
  return {
    sha,
    node_id: gitObjectId('B', context.repositoryId, sha),
    size: content.length,
    url: `${apiUrl(context)}/git/blobs/${sha}`,
    content: wrappedBase64(content),
    encoding: 'base64',
  };
}

/** GitHub breaks base64 into lines of 60 characters. */
export function wrappedBase64(content: Buffer): string {
  return content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');
}

export function treeAnswer(sha: string, isRecursive: boolean, context: GitContext): Schemas['git-tree'] {
  return {
    sha,
    url: `${apiUrl(context)}/git/trees/${sha}`,
    tree: treeMembers(sha, '', { isRecursive, context }),
    truncated: false,
  };
}

function treeMembers(
  oid: string,
  folder: string,
  how: { isRecursive: boolean; context: GitContext },
): Schemas['git-tree']['tree'] {
  const { isRecursive, context } = how;
  return (context.git.tree(oid) ?? []).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    const { mode, oid: sha } = entry;
    if (mode !== '040000') {
      const size = context.git.blobSize(sha) ?? 0;
      return [{ path, mode, type: 'blob', sha, size, url: `${apiUrl(context)}/git/blobs/${sha}` }];
    }
    const inner = isRecursive ? treeMembers(sha, `${path}/`, how) : [];
    return [{ path, mode, type: 'tree', sha, url: `${apiUrl(context)}/git/trees/${sha}` }, ...inner];
  });
}

export function refAnswer(name: string, sha: string, context: GitContext): Schemas['git-ref'] {
  const url = apiUrl(context);
  return {
    ref: name,
    node_id: gitObjectId('REF', context.repositoryId, name),
    url: `${url}/git/${name}`,
    object: { sha, type: 'commit', url: `${url}/git/commits/${sha}` },
  };
}

export function branchInListing(name: string, sha: string, context: GitContext): Schemas['short-branch'] {
  return { name, commit: { sha, url: `${apiUrl(context)}/commits/${sha}` }, protected: false };
}

export function branchAnswer(
  name: string,
  commit: Commit,
  context: GitContext,
): Schemas['branch-with-protection'] {
  const self = `${apiUrl(context)}/branches/${name}`;
  return {
    name,
    commit: commitAnswer(commit, context),
    _links: { self, html: `${webUrl(context)}/tree/${name}` },
    protected: false,
    protection: {
      enabled: false,
      required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
    },
    protection_url: `${self}/protection`,
  };
}
