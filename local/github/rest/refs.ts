import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { isAncestor } from '../bank/git/revisions.ts';
import { notFound, Refusal } from '../refusal.ts';
import { refAnswer } from '../representations/git.ts';
import { bodyObject } from '../request.ts';
import { creating } from '../route-config.ts';
import type { Site } from '../site.ts';
import { answerPage, filledGitOf, type GitRequest, requiredText, restOfPath } from './git-request.ts';
import { assertWritable, push } from './push.ts';
import { REPOSITORY_PATHS } from './repository-request.ts';

type GitRef = components['schemas']['git-ref'];

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/git/refs#${anchor}` },
});

export function addRefRoutes(app: FastifyInstance, site: Site): void {
  for (const path of REPOSITORY_PATHS) {
    addReading(app, `${path}/git`, site);
    addCreation(app, `${path}/git/refs`, site);
    addChanges(app, `${path}/git/refs/*`, site);
  }
}

function addReading(app: FastifyInstance, path: string, site: Site): void {
  // The documentation says `ref`, but the `url` of a reference contains `refs`.
  for (const route of [`${path}/ref/*`, `${path}/refs/*`]) {
    app.get(route, documented('get-a-reference'), async (request): Promise<GitRef> => {
      const { context } = filledGitOf(request, site);
      const name = `refs/${restOfPath(request)}`;
      const oid = context.git.refs.get(name);
      if (oid === undefined) throw notFound();
      return refAnswer(name, oid, context);
    });
  }
  for (const route of [`${path}/matching-refs/*`, `${path}/refs`]) {
    app.get(route, documented('list-matching-references'), async (request, reply): Promise<GitRef[]> => {
      const { context, repository } = filledGitOf(request, site);
      const members = [...context.git.refs]
        .filter(([name]) => name.startsWith(`refs/${restOfPath(request)}`))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const page = answerPage(request, reply, { members, repository });
      return page.map(([name, oid]) => refAnswer(name, oid, context));
    });
  }
}

/** Characters and endings that `git check-ref-format` refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern must find names with control characters.
const INVALID_REF = /\.\.|[\u0000-\u0020~^:?*[\\\u007f]|@\{|\/\/|\.lock(?:\/|$)|\.$|\/$|\/\./;

function addCreation(app: FastifyInstance, path: string, site: Site): void {
  app.post(path, creating(documented('create-a-reference')), async (request, reply) => {
    const found = filledGitOf(request, site);
    assertWritable(found.repository);
    const body = bodyObject(request);
    const [name, oid] = [requiredText(body, 'ref'), requiredText(body, 'sha')];
    if (!/^refs\/[^/]+\/./.test(name) || INVALID_REF.test(name)) {
      throw new Refusal(422, `${name} is not a valid ref name.`);
    }
    if (found.context.git.refs.has(name)) throw new Refusal(422, 'Reference already exists');
    const answer = moveRef(site, found, { name, oid });
    return reply.code(201).header('location', answer.url).send(answer);
  });
}

function addChanges(app: FastifyInstance, path: string, site: Site): void {
  app.patch(path, documented('update-a-reference'), async (request) => {
    const found = filledGitOf(request, site);
    assertWritable(found.repository);
    const body = bodyObject(request);
    const { name, before } = existingRef(found, `refs/${restOfPath(request)}`);
    const oid = requiredText(body, 'sha');
    const { git } = found.context;
    if (git.commit(oid) === undefined) throw new Refusal(422, 'Object does not exist');
    if (body['force'] !== true && !isAncestor(git, before, oid)) {
      throw new Refusal(422, 'Update is not a fast forward');
    }
    return moveRef(site, found, { name, oid });
  });
  app.delete(path, documented('delete-a-reference'), async (request, reply) => {
    const found = filledGitOf(request, site);
    assertWritable(found.repository);
    const { name } = existingRef(found, `refs/${restOfPath(request)}`);
    if (name === `refs/heads/${found.repository.defaultBranch}`) {
      throw new Refusal(422, 'Cannot delete the default branch');
    }
    push(site, found.repository, { objects: [], refs: [{ name, oid: null }] });
    return reply.code(204).send();
  });
}

function existingRef({ context }: GitRequest, name: string): { name: string; before: string } {
  const before = context.git.refs.get(name);
  if (before === undefined) throw new Refusal(422, 'Reference does not exist');
  return { name, before };
}

/** @throws Refusal 422 when the commit does not exist */
function moveRef(
  site: Site,
  { repository, context }: GitRequest,
  { name, oid }: { name: string; oid: string },
): GitRef {
  if (context.git.commit(oid) === undefined) throw new Refusal(422, 'Object does not exist');
  push(site, repository, { objects: [], refs: [{ name, oid }] });
  return refAnswer(name, oid, context);
}
