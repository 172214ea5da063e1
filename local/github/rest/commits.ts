import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Commit } from '../bank/git/git-repository.ts';
import { historyOf } from '../bank/git/history.ts';
import type { Signature } from '../bank/git/objects.ts';
import { personWithEmail } from '../bank/items/people.ts';
import { notFound, notSimulated, Refusal } from '../refusal.ts';
import { branchAnswer, branchInListing, commitAnswer, fullCommitAnswer } from '../representations/git.ts';
import { queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { answerPage, commitNamed, filledGitOf, gitOf, restOfPath } from './git-request.ts';
import { REPOSITORY_PATHS } from './repository-request.ts';

type Schemas = components['schemas'];

const documented = (page: string) => ({ config: { documentation: `https://docs.github.com/rest/${page}` } });

export function addCommitRoutes(app: FastifyInstance, site: Site): void {
  for (const path of REPOSITORY_PATHS) {
    addCommitListing(app, `${path}/commits`, site);
    addSingleCommit(app, `${path}/commits/*`, site);
    addBranches(app, `${path}/branches`, site);
  }
}

function addCommitListing(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('commits/commits#list-commits'), async (request, reply) => {
    const found = filledGitOf(request, site);
    const { context, repository } = found;
    const start = commitNamed(found, queryParameter(request, 'sha'));
    if (start === undefined) throw notFound();
    const members = historyOf(context.git, start, pathOf(request)).filter(matches(request));
    const page = answerPage(request, reply, { members, repository });
    return page.map((commit): Schemas['commit'] => commitAnswer(commit, context));
  });
}

function pathOf(request: FastifyRequest): string | undefined {
  const path = (queryParameter(request, 'path') ?? '').replace(/^\/+|\/+$/g, '');
  return path === '' ? undefined : path;
}

/** Filters by commit date (both bounds included), and by login or e-mail address. */
function matches(request: FastifyRequest): (commit: Commit) => boolean {
  const from = dateParameter(request, 'since') ?? Number.NEGATIVE_INFINITY;
  const to = dateParameter(request, 'until') ?? Number.POSITIVE_INFINITY;
  const [author, committer] = ['author', 'committer'].map((name) => queryParameter(request, name));
  return (commit) => {
    const at = Date.parse(commit.committer.date);
    return at >= from && at <= to && isBy(commit.author, author) && isBy(commit.committer, committer);
  };
}

function dateParameter(request: FastifyRequest, name: string): number | undefined {
  const at = Date.parse(queryParameter(request, name) ?? '');
  return Number.isNaN(at) ? undefined : at;
}

function isBy({ email }: Signature, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === email || wanted === personWithEmail(email)?.login;
}

/** Resources below a commit that the simulation does not support. */
const BELOW_A_COMMIT = /\/(?:comments|status|statuses|check-runs|check-suites|pulls|branches-where-head)$/;

function addSingleCommit(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('commits/commits#get-a-commit'), async (request, reply) => {
    const found = filledGitOf(request, site);
    const revision = restOfPath(request);
    const commit = commitNamed(found, revision);
    if (commit === undefined && BELOW_A_COMMIT.test(revision)) throw notSimulated(`commits/${revision}`);
    if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${revision}`);
    if (/\bvnd\.github(?:\.v3)?\.sha\b/.test(request.headers.accept ?? '')) {
      return reply.type('application/vnd.github.sha; charset=utf-8').send(commit.oid);
    }
    return fullCommitAnswer(commit, found.context);
  });
}

const HEADS = 'refs/heads/';

function addBranches(app: FastifyInstance, path: string, site: Site): void {
  app.get(path, documented('branches/branches#list-branches'), async (request, reply) => {
    const { context, repository } = gitOf(request, site);
    const isProtectedOnly = queryParameter(request, 'protected') === 'true';
    const members = [...context.git.refs]
      .filter(([name]) => name.startsWith(HEADS) && !isProtectedOnly)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return answerPage(request, reply, { members, repository }).map(([name, oid]): Schemas['short-branch'] =>
      branchInListing(name.slice(HEADS.length), oid, context),
    );
  });
  app.get(`${path}/*`, documented('branches/branches#get-a-branch'), async (request) => {
    const { context } = gitOf(request, site);
    const name = restOfPath(request);
    const commit = context.git.commit(context.git.refs.get(`${HEADS}${name}`) ?? '');
    if (commit === undefined) throw new Refusal(404, 'Branch not found');
    return branchAnswer(name, commit, context);
  });
}
