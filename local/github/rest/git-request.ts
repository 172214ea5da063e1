import type { FastifyRequest } from 'fastify';
import { type Repository, timestamp } from '../bank/entities.ts';
import type { Commit, GitRepository } from '../bank/git/git-repository.ts';
import type { Signature } from '../bank/git/objects.ts';
import { resolveCommit } from '../bank/git/revisions.ts';
import { VIEWER } from '../bank/items/people.ts';
import { linkHeader, type PageRequest, pageOf, parsePageRequest } from '../pagination.ts';
import { Refusal } from '../refusal.ts';
import type { GitContext } from '../representations/git.ts';
import { baseUrl, isJsonObject, type JsonObject, pathParameter, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { pathById, repositoryOf } from './repository-request.ts';

export interface GitRequest {
  repository: Repository;
  context: GitContext;
}

/** @throws Refusal 404, or Moved, like every route of a repository */
export function gitOf(request: FastifyRequest, site: Site): GitRequest {
  const repository = repositoryOf(request, site);
  const { bank } = site.store;
  const context = {
    git: bank.gitOf(repository.id),
    repositoryId: repository.id,
    base: baseUrl(request),
    fullName: `${bank.organization.login}/${repository.name}`,
  };
  return { repository, context };
}

/** @throws Refusal 409 for a repository without commits, like most git routes */
export function filledGitOf(request: FastifyRequest, site: Site): GitRequest {
  const found = gitOf(request, site);
  if (found.context.git.refs.size === 0) throw new Refusal(409, 'Git Repository is empty.');
  return found;
}

export function commitNamed(
  { repository, context }: GitRequest,
  revision: string | undefined,
): Commit | undefined {
  return resolveCommit(context.git, revision ?? 'HEAD', repository.defaultBranch);
}

/** The rest of the path, which may contain slashes. */
export const restOfPath = (request: FastifyRequest): string => pathParameter(request, '*');

/** https://docs.github.com/rest/git/blobs#get-a-blob */
const MAX_BLOB_BYTES = 100 * 1024 * 1024;

/**
 * The content of a blob; undefined if there is no such blob.
 *
 * @throws Refusal 403 if it is larger than GitHub's API returns
 */
export function blobOf(git: GitRepository, sha: string): Buffer | undefined {
  if ((git.blobSize(sha) ?? 0) <= MAX_BLOB_BYTES) return git.blob(sha);
  throw new Refusal(403, 'This API returns blobs up to 100 MB in size.', {
    errors: [{ resource: 'Blob', field: 'data', code: 'too_large' }],
  });
}

/** Returns the requested page, and sets the Link header, whose URLs contain the repository's id. */
export function answerPage<T>(
  request: FastifyRequest,
  reply: { header(name: string, value: string): unknown },
  { members, repository }: { members: readonly T[]; repository: Repository },
): readonly T[] {
  const page: PageRequest = parsePageRequest({
    page: queryParameter(request, 'page'),
    per_page: queryParameter(request, 'per_page'),
  });
  const url = new URL(pathById(request, repository.id), baseUrl(request));
  const link = linkHeader(url, page, members.length);
  if (link !== undefined) reply.header('link', link);
  return pageOf(members, page);
}

/** @throws Refusal 422 with GitHub's message when the field is missing */
export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new Refusal(422, `Invalid request.\n\n"${name}" wasn't supplied.`);
}

export interface Signatures {
  author: Signature;
  committer: Signature;
}

/** The committer defaults to the token's owner, and the author to the committer. */
export function parseSignatures(body: JsonObject, now: Date): Signatures {
  const viewer = { name: VIEWER.name, email: VIEWER.email, date: timestamp(now) };
  const committer = parseSignature(body, 'committer', viewer);
  return { committer, author: parseSignature(body, 'author', committer) };
}

function parseSignature(body: JsonObject, role: 'author' | 'committer', fallback: Signature): Signature {
  const given = body[role];
  if (given === undefined || given === null) return fallback;
  const { name, email, date = fallback.date } = isJsonObject(given) ? given : {};
  const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (typeof name !== 'string' || typeof email !== 'string') {
    throw new Refusal(422, `Invalid request.\n\n"name", "email" weren't supplied in "${role}".`);
  }
  if (Number.isNaN(at))
    throw new Refusal(422, `Invalid request.\n\n${String(date)} is not a valid date-time.`);
  return { name, email, date: timestamp(new Date(at)) };
}
