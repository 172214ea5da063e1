import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { createDraft } from '../bank/git/draft.ts';
import { notFound, Refusal } from '../refusal.ts';
import { blobAnswer, gitCommitAnswer, treeAnswer } from '../representations/git.ts';
import { bodyObject, pathParameter, queryParameter } from '../request.ts';
import { creating } from '../route-config.ts';
import type { Site } from '../site.ts';
import {
  blobOf,
  commitNamed,
  filledGitOf,
  gitOf,
  parseSignatures,
  requiredText,
  restOfPath,
} from './git-request.ts';
import { assertWritable, push } from './push.ts';
import { REPOSITORY_PATHS } from './repository-request.ts';
import { filesOfTreeRequest } from './tree-request.ts';

type Schemas = components['schemas'];

const documented = (page: string) => ({
  config: { documentation: `https://docs.github.com/rest/git/${page}` },
});

/** Routes for git objects. New objects are unreachable until a ref points to them. */
export function addGitDataRoutes(app: FastifyInstance, site: Site): void {
  for (const path of REPOSITORY_PATHS) {
    addBlobs(app, `${path}/git/blobs`, site);
    addTrees(app, `${path}/git/trees`, site);
    addCommits(app, `${path}/git/commits`, site);
  }
}

function addBlobs(app: FastifyInstance, path: string, site: Site): void {
  app.get(`${path}/:file_sha`, documented('blobs#get-a-blob'), async (request, reply) => {
    const { context } = filledGitOf(request, site);
    const sha = pathParameter(request, 'file_sha');
    const content = blobOf(context.git, sha);
    if (content === undefined) throw notFound();
    if (/\bvnd\.github(?:\.v3)?\.raw\b/.test(request.headers.accept ?? '')) {
      return reply.type('application/vnd.github.raw+json; charset=utf-8').send(content);
    }
    return blobAnswer(sha, content, context);
  });
  app.post(path, creating(documented('blobs#create-a-blob')), async (request, reply) => {
    const { repository, context } = filledGitOf(request, site);
    assertWritable(repository);
    const body = bodyObject(request);
    const encoding = body['encoding'] === 'base64' ? 'base64' : 'utf8';
    const draft = createDraft(context.git);
    const sha = draft.blob(Buffer.from(requiredText(body, 'content'), encoding));
    push(site, repository, { objects: draft.objects, refs: [] });
    const url = `${context.base}/repos/${context.fullName}/git/blobs/${sha}`;
    const answer: Schemas['short-blob'] = { url, sha };
    return reply.code(201).header('location', url).send(answer);
  });
}

function addTrees(app: FastifyInstance, path: string, site: Site): void {
  app.get(`${path}/*`, documented('trees#get-a-tree'), async (request) => {
    const found = filledGitOf(request, site);
    const revision = restOfPath(request);
    const oid = commitNamed(found, revision)?.tree ?? revision;
    if (found.context.git.tree(oid) === undefined) throw notFound();
    return treeAnswer(oid, queryParameter(request, 'recursive') !== undefined, found.context);
  });
  app.post(path, creating(documented('trees#create-a-tree')), async (request, reply) => {
    const { repository, context } = filledGitOf(request, site);
    assertWritable(repository);
    const draft = createDraft(context.git);
    const sha = draft.tree(filesOfTreeRequest(context.git, draft, bodyObject(request)));
    push(site, repository, { objects: draft.objects, refs: [] });
    const answer = treeAnswer(sha, false, context);
    return reply
      .code(201)
      .header('location', answer.url ?? '')
      .send(answer);
  });
}

function addCommits(app: FastifyInstance, path: string, site: Site): void {
  app.get(`${path}/:commit_sha`, documented('commits#get-a-commit-object'), async (request) => {
    const { context } = filledGitOf(request, site);
    const commit = context.git.commit(pathParameter(request, 'commit_sha'));
    if (commit === undefined) throw notFound();
    return gitCommitAnswer(commit, context);
  });
  app.post(path, creating(documented('commits#create-a-commit')), async (request, reply) => {
    const { repository, context } = gitOf(request, site);
    assertWritable(repository);
    const { git } = context;
    const body = bodyObject(request);
    const [message, tree] = [requiredText(body, 'message'), requiredText(body, 'tree')];
    if (git.tree(tree) === undefined) throw new Refusal(422, 'Tree SHA does not exist');
    const parents = parseParents(body['parents'] ?? []);
    if (parents.some((parent) => git.commit(parent) === undefined)) {
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object');
    }
    const draft = createDraft(git);
    const oid = draft.commit({ message, tree, parents, ...parseGitSignatures(body, site.now()) });
    push(site, repository, { objects: draft.objects, refs: [] });
    const commit = git.commit(oid);
    if (commit === undefined) throw new Error(`The commit ${oid} was not written.`);
    const answer = gitCommitAnswer(commit, context);
    return reply.code(201).header('location', answer.url).send(answer);
  });
}

function parseParents(parents: unknown): string[] {
  const isText = (parent: unknown): parent is string => typeof parent === 'string';
  if (Array.isArray(parents) && parents.every(isText)) return parents;
  throw new Refusal(422, 'Invalid request.\n\nparents is not an array of strings.');
}

/** Unlike in the contents API, the committer defaults to the author. */
function parseGitSignatures(body: Readonly<Record<string, unknown>>, now: Date) {
  const { author } = parseSignatures({ author: body['author'] }, now);
  const { committer } = parseSignatures({ committer: body['committer'] ?? body['author'] }, now);
  return { author, committer };
}
