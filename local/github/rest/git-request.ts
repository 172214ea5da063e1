import type { FastifyRequest } from 'fastify';
import { type Repository, timestamp } from '../bank/entities.ts';
import type { Commit } from '../bank/git/git-repository.ts';
import type { Signature } from '../bank/git/objects.ts';
import { resolveCommit } from '../bank/git/revisions.ts';
import { VIEWER } from '../bank/items/people.ts';
import { linkHeader, type PageRequest, pageOf, parsePageRequest } from '../pagination.ts';
import { Refusal } from '../refusal.ts';
import type { GitContext } from '../representations/git.ts';
import { baseUrl, isJsonObject, type JsonObject, pathParameter, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { placeById, repositoryOf } from './repository-request.ts';

export interface GitRequest {
  repository: Repository;
  context: GitContext;
}

/** @throws Refusal 404 and Moved as every route of a repository does. */
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

/** @throws Refusal 409 for a repository without commits, as most of the git routes answer. */
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

/** The rest of the path, which may have slashes of its own. */
export const restOfPath = (request: FastifyRequest): string => pathParameter(request, '*');

/** Sets the Link header, which leads by the repository's id. */
export function answerPage<T>(
  request: FastifyRequest,
  reply: { header(name: string, value: string): unknown },
  { members, repository }: { members: readonly T[]; repository: Repository },
): readonly T[] {
  const page: PageRequest = parsePageRequest({
    page: queryParameter(request, 'page'),
    per_page: queryParameter(request, 'per_page'),
  });
  const url = new URL(placeById(request, repository.id), baseUrl(request));
  const link = linkHeader(url, page, members.length);
  if (link !== undefined) reply.header('link', link);
  return pageOf(members, page);
}

/** @throws Refusal 422 when the field is missing, in the words that GitHub has for it. */
export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new Refusal(422, `Invalid request.\n\n"${name}" wasn't supplied.`);
}

export interface Signatures {
  author: Signature;
  committer: Signature;
}

/** The committer is the token's owner unless said otherwise, and the author is the committer. */
export function parseSignatures(body: JsonObject, now: Date): Signatures {
  const viewer = { name: VIEWER.name, email: VIEWER.email, date: timestamp(now) };
  const committer = parseSignature(body, 'committer', viewer);
  return { committer, author: parseSignature(body, 'author', committer) };
}

function parseSignature(body: JsonObject, role: 'author' | 'committer', otherwise: Signature): Signature {
  const given = body[role];
  if (given === undefined || given === null) return otherwise;
  const { name, email, date = otherwise.date } = isJsonObject(given) ? given : {};
  const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (typeof name !== 'string' || typeof email !== 'string') {
    throw new Refusal(422, `Invalid request.\n\n"name", "email" weren't supplied in "${role}".`);
  }
  if (Number.isNaN(at))
    throw new Refusal(422, `Invalid request.\n\n${String(date)} is not a valid date-time.`);
  return { name, email, date: timestamp(new Date(at)) };
}
