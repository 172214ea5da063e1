import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';

/** A repository, and the client that accesses it. */
export interface Place {
  github: Octokit;
  owner: string;
  repo: string;
}

export interface FileChange {
  branch: string;
  path: string;
  text: string;
  committer?: { name: string; email: string; date?: string };
}

/** The head of a branch; undefined if the branch does not exist. */
export async function headOf({ github, ...place }: Place, branch: string): Promise<string | undefined> {
  const answer = await unlessMissing(github.rest.git.getRef({ ...place, ref: `heads/${branch}` }));
  return answer?.data.object.sha;
}

/** Commits a file to a branch, which is created if it does not exist: from another branch, or with this commit. */
export async function saveFile(place: Place, { text, ...change }: FileChange): Promise<void> {
  const { github, ...repository } = place;
  await makeBranch(place, change.branch);
  const sha = await blobAt(place, change);
  await github.rest.repos.createOrUpdateFileContents({
    ...{ ...repository, ...change },
    message: `Save ${change.path}`,
    content: Buffer.from(text).toString('base64'),
    ...(sha !== undefined && { sha }),
  });
}

/** Deletes a file, if it exists. */
export async function deleteFile(place: Place, file: Pick<FileChange, 'branch' | 'path'>): Promise<void> {
  const { github, ...repository } = place;
  const sha = await blobAt(place, file);
  if (sha === undefined) return;
  await github.rest.repos.deleteFile({ ...repository, ...file, message: `Delete ${file.path}`, sha });
}

async function blobAt(
  { github, ...place }: Place,
  { branch, path }: Pick<FileChange, 'branch' | 'path'>,
): Promise<string | undefined> {
  const answer = await unlessMissing(github.rest.repos.getContent({ ...place, path, ref: branch }));
  return answer && !Array.isArray(answer.data) ? answer.data.sha : undefined;
}

/** In a repository without commits, the first commit creates the branch. */
export async function makeBranch(place: Place, branch: string, from?: string): Promise<void> {
  const { github, ...repository } = place;
  if ((await headOf(place, branch)) !== undefined) return;
  const sha = from ?? (await branchesOf(place))[0]?.commit.sha;
  if (sha !== undefined) await github.rest.git.createRef({ ...repository, ref: `refs/heads/${branch}`, sha });
}

export async function branchesOf({ github, ...place }: Place) {
  const { data } = await github.rest.repos.listBranches({ ...place, per_page: 100 });
  return data;
}

/** One page of commits, the newest first. */
export async function commitsOf({ github, ...place }: Place, branch: string): Promise<string[]> {
  const answer = await unlessMissing(github.rest.repos.listCommits({ ...place, sha: branch, per_page: 100 }));
  return (answer?.data ?? []).map(({ sha }) => sha);
}

/** A tree with these files only, or with these in addition to those of a commit. */
export async function makeTree(
  { github, ...place }: Place,
  files: Readonly<Record<string, string>>,
  base?: string,
): Promise<string> {
  const entries = Object.entries(files).map(
    ([path, content]) => ({ path, content, mode: '100644', type: 'blob' }) as const,
  );
  const { data } = await github.rest.git.createTree({
    ...{ ...place, tree: entries },
    ...(base !== undefined && { base_tree: base }),
  });
  return data.sha;
}

export async function makeCommit(
  { github, ...place }: Place,
  commit: { tree: string; parents: string[] },
): Promise<string> {
  const { data } = await github.rest.git.createCommit({ ...place, ...commit, message: 'Commit' });
  return data.sha;
}

/** Moves a branch to a commit, even if that is not a fast-forward. */
export async function moveBranch({ github, ...place }: Place, branch: string, sha: string): Promise<void> {
  await github.rest.git.updateRef({ ...place, ref: `heads/${branch}`, sha, force: true });
}

/** Deletes a branch, if it exists. */
export async function deleteBranch(place: Place, branch: string): Promise<void> {
  const { github, ...repository } = place;
  if ((await headOf(place, branch)) === undefined) return;
  await github.rest.git.deleteRef({ ...repository, ref: `heads/${branch}` });
}

/** Merges a branch into another one. Does nothing if one of them does not exist, or they conflict. */
export async function merge(
  { github, ...place }: Place,
  branches: { base: string; head: string },
): Promise<void> {
  await unlessMissing(github.rest.repos.merge({ ...place, ...branches }));
}

/** GitHub answers 404 for what does not exist, and 409 for an empty repository or a merge conflict. */
async function unlessMissing<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RequestError && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}
