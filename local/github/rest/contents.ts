import { posix } from 'node:path';
import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Commit, GitRepository } from '../bank/git/git-repository.ts';
import type { TreeEntry } from '../bank/git/objects.ts';
import { entryAt } from '../bank/git/trees.ts';
import { notFound, Refusal } from '../refusal.ts';
import {
  type ContentPlace,
  fileAnswer,
  folderAnswer,
  linkAnswer,
  writtenFileAnswer,
} from '../representations/contents.ts';
import { gitCommitAnswer } from '../representations/git.ts';
import { bodyObject, isJsonObject, type JsonObject, queryParameter } from '../request.ts';
import { creating } from '../route-config.ts';
import type { Site } from '../site.ts';
import { writeFile } from './file-write.ts';
import {
  blobOf,
  commitNamed,
  type GitRequest,
  gitOf,
  parseSignatures,
  requiredText,
  restOfPath,
} from './git-request.ts';
import { assertWritable } from './push.ts';
import { REPOSITORY_PATHS } from './repository-request.ts';

type FileCommit = components['schemas']['file-commit'];

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/repos/contents#${anchor}` },
});

export function addContentRoutes(app: FastifyInstance, site: Site): void {
  for (const repositoryPath of REPOSITORY_PATHS) {
    for (const path of [`${repositoryPath}/contents`, `${repositoryPath}/contents/*`]) {
      app.get(path, documented('get-repository-content'), async (request, reply) =>
        readContents(request, reply, site),
      );
    }
    const path = `${repositoryPath}/contents/*`;
    app.put(path, creating(documented('create-or-update-file-contents')), async (request, reply) => {
      const { answer, isNew } = putFile(request, site);
      return reply.code(isNew ? 201 : 200).send(answer);
    });
    app.delete(path, creating(documented('delete-a-file')), async (request) => deleteFile(request, site));
  }
}

const filePath = (request: FastifyRequest): string => restOfPath(request).replace(/^\/+|\/+$/g, '');

/** Answers a folder with a list, and a file with its content: in base64, or raw if the client accepts `raw`. */
function readContents(request: FastifyRequest, reply: FastifyReply, site: Site) {
  const found = gitOf(request, site);
  const { context, repository } = found;
  const ref = queryParameter(request, 'ref');
  if (context.git.refs.size === 0) throw new Refusal(404, 'This repository is empty.');
  const commit = commitNamed(found, ref);
  if (commit === undefined) throw new Refusal(404, `No commit found for the ref ${ref ?? 'HEAD'}`);

  const place: ContentPlace = { path: filePath(request), ref: ref ?? repository.defaultBranch };
  const entry = resolvedEntry(context.git, commit.tree, place.path);
  if (entry === undefined) throw notFound();
  if (entry.mode === '040000') return folderAnswer(context.git.tree(entry.oid) ?? [], place, context);
  if (/\bvnd\.github(?:\.v3)?\.raw\b/.test(request.headers.accept ?? '')) {
    reply.type('application/vnd.github.raw+json; charset=utf-8');
    return blobOf(context.git, entry.oid);
  }
  return entry.mode === '120000' ? linkAnswer(entry, place, context) : fileAnswer(entry, place, context);
}

/** The entry at the path. A link to a file of the repository resolves to that file. */
function resolvedEntry(git: GitRepository, tree: string, path: string): TreeEntry | undefined {
  const entry = entryAt(git, tree, path);
  if (entry?.mode !== '120000') return entry;
  const target = entryAt(git, tree, posix.join(posix.dirname(path), String(git.blob(entry.oid))));
  return target?.mode === '100644' || target?.mode === '100755' ? target : entry;
}

interface FilePlace {
  found: GitRequest;
  path: string;
  branch: string;
  head: Commit | undefined;
  existing: TreeEntry | undefined;
}

/** @throws Refusal 404 when the branch does not exist, 409 or 422 when `sha` is not that of the file. */
function placeOf(request: FastifyRequest, body: JsonObject, site: Site): FilePlace {
  const found = gitOf(request, site);
  const { context, repository } = found;
  assertWritable(repository);
  const branch = typeof body['branch'] === 'string' ? body['branch'] : repository.defaultBranch;
  const head = context.git.commit(context.git.refs.get(`refs/heads/${branch}`) ?? '');
  if (head === undefined && context.git.refs.size > 0) throw new Refusal(404, `Branch ${branch} not found`);
  const path = filePath(request);
  const existing = head === undefined ? undefined : entryAt(context.git, head.tree, path);
  assertShaMatches(path, existing, body['sha']);
  return { found, path, branch, head, existing };
}

function assertShaMatches(path: string, existing: TreeEntry | undefined, sha: unknown): void {
  const isGiven = typeof sha === 'string';
  if (existing !== undefined && !isGiven)
    throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (isGiven && existing?.oid !== sha) throw new Refusal(409, `${path} does not match ${sha}`);
}

function putFile(request: FastifyRequest, site: Site): { answer: FileCommit; isNew: boolean } {
  const body = bodyObject(request);
  const message = requiredText(body, 'message');
  const content = parseBase64(requiredText(body, 'content'));
  const place = placeOf(request, body, site);
  const commit = writeFile(site, { ...place, message, content, ...parseSignatures(body, site.now()) });
  return { answer: fileCommit(place, commit), isNew: place.existing === undefined };
}

/** GitHub accepts the parameters of a DELETE in its body or its query. */
function deleteFile(request: FastifyRequest, site: Site): FileCommit {
  const body = { ...(isJsonObject(request.query) ? request.query : {}), ...bodyObject(request) };
  const message = requiredText(body, 'message');
  requiredText(body, 'sha');
  const place = placeOf(request, body, site);
  if (place.existing === undefined) throw notFound();
  const commit = writeFile(site, { ...place, message, content: null, ...parseSignatures(body, site.now()) });
  return fileCommit(place, commit);
}

function fileCommit({ found, path, branch }: FilePlace, commit: Commit): FileCommit {
  const entry = entryAt(found.context.git, commit.tree, path);
  return {
    content: writtenFileAnswer(entry, { path, ref: branch }, found.context),
    commit: gitCommitAnswer(commit, found.context),
  };
}

function parseBase64(text: string): Buffer {
  const plain = text.replaceAll(/\s/g, '');
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return Buffer.from(plain, 'base64');
  throw new Refusal(422, 'content is not valid Base64');
}
