import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';

/** A repository, and whose client reaches it. */
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

/** The commit of a branch; undefined where there is none. */
export async function headOf({ github, ...place }: Place, branch: string): Promise<string | undefined> {
  const answer = await unlessMissing(github.rest.git.getRef({ ...place, ref: `heads/${branch}` }));
  return answer?.data.object.sha;
}

/** Commits a file on a branch, which begins where another one is, or with this commit. */
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

/** Takes a file away, if it is there. */
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

/** In a repository without commits the first one makes the branch. */
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

/** The newest first, as far as one page goes. */
export async function commitsOf({ github, ...place }: Place, branch: string): Promise<string[]> {
  const answer = await unlessMissing(github.rest.repos.listCommits({ ...place, sha: branch, per_page: 100 }));
  return (answer?.data ?? []).map(({ sha }) => sha);
}

/** A tree of these files alone, or on top of those of a commit. */
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

/** Moves a branch to a commit, wherever it was. */
export async function moveBranch({ github, ...place }: Place, branch: string, sha: string): Promise<void> {
  await github.rest.git.updateRef({ ...place, ref: `heads/${branch}`, sha, force: true });
}

/** Takes a branch away, if it is there. */
export async function deleteBranch(place: Place, branch: string): Promise<void> {
  const { github, ...repository } = place;
  if ((await headOf(place, branch)) === undefined) return;
  await github.rest.git.deleteRef({ ...repository, ref: `heads/${branch}` });
}

/** Merges a branch into another; nothing where one of them is not there, or both have changed one file. */
export async function merge(
  { github, ...place }: Place,
  branches: { base: string; head: string },
): Promise<void> {
  await unlessMissing(github.rest.repos.merge({ ...place, ...branches }));
}

/** 404 is what is not there; 409 is a repository without commits, or a merge that fits nowhere. */
async function unlessMissing<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RequestError && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}
