import type { FastifyInstance } from 'fastify';
import { createDraft } from '../bank/git/draft.ts';
import { mergeFiles } from '../bank/git/merge.ts';
import { isAncestor } from '../bank/git/revisions.ts';
import { Refusal } from '../refusal.ts';
import { fullCommitAnswer } from '../representations/git.ts';
import { bodyObject } from '../request.ts';
import type { Site } from '../site.ts';
import { commitNamed, filledGitOf, parseSignatures, requiredText } from './git-request.ts';
import { assertWritable, push } from './push.ts';
import { REPOSITORY_PATHS } from './repository-request.ts';

/** Like GitHub, always creates a merge commit and never fast-forwards. */
export function addMergeRoutes(app: FastifyInstance, site: Site): void {
  const documentation = 'https://docs.github.com/rest/branches/branches#merge-a-branch';
  const config = { documentation, createsContent: true };
  for (const path of REPOSITORY_PATHS) {
    app.post(`${path}/merges`, { config }, async (request, reply) => {
      const found = filledGitOf(request, site);
      const { repository, context } = found;
      assertWritable(repository);
      const body = bodyObject(request);
      const [base, head] = [requiredText(body, 'base'), requiredText(body, 'head')];
      const ref = `refs/heads/${base}`;
      const ours = context.git.commit(context.git.refs.get(ref) ?? '');
      if (ours === undefined) throw new Refusal(404, 'Base does not exist');
      const theirs = commitNamed(found, head);
      if (theirs === undefined) throw new Refusal(404, 'Head does not exist');
      if (isAncestor(context.git, theirs.oid, ours.oid)) return reply.code(204).send();
      const files = mergeFiles(context.git, ours, theirs);
      if (files === undefined) throw new Refusal(409, 'Merge conflict');

      const given = body['commit_message'];
      const message = typeof given === 'string' ? given : `Merge ${head} into ${base}`;
      const draft = createDraft(context.git);
      const parents = [ours.oid, theirs.oid];
      const signatures = parseSignatures({}, site.now());
      const oid = draft.commit({ tree: draft.tree(files), parents, message, ...signatures });
      push(site, repository, { objects: draft.objects, refs: [{ name: ref, oid }] });
      const commit = context.git.commit(oid);
      if (commit === undefined) throw new Error(`The commit ${oid} was not written.`);
      return reply.code(201).send(fullCommitAnswer(commit, context));
    });
  }
}
