import { describe, expect, it } from 'vitest';
import type { Bank } from '../../../../local/github/bank/bank.ts';
import type { Repository } from '../../../../local/github/bank/entities.ts';
import { historyOf } from '../../../../local/github/bank/git/history.ts';
import { resolveCommit } from '../../../../local/github/bank/git/revisions.ts';
import { entryAt } from '../../../../local/github/bank/git/trees.ts';
import { seedBank } from '../../../../local/github/bank/seed.ts';

const ORIGIN = {
  organization: 'item-bank',
  seed: 7,
  repositories: 120,
  withoutProjectWebhook: 0,
  projectWebhookUrl: 'http://127.0.0.1:4510/webhook',
  projectWebhookSecret: 's3cret',
};

interface ItemJson {
  id: string;
  type: string;
  core: { stimulusId?: string | null; tutorialId?: string | null; metadata?: Record<string, string> };
  asl: { attachments: unknown[] };
  workflow: { workflowStatusCode: string };
}

/** The parsed item.json of a branch; undefined if there is none. */
function itemOn(bank: Bank, { id, defaultBranch }: Repository, branch = 'HEAD'): ItemJson | undefined {
  const git = bank.gitOf(id);
  const tree = resolveCommit(git, branch, defaultBranch)?.tree ?? '';
  const blob = git.blob(entryAt(git, tree, 'item.json')?.oid ?? '');
  return blob === undefined ? undefined : JSON.parse(blob.toString());
}

const createBranchOf = (bank: Bank, { id }: Repository): string | undefined =>
  [...bank.gitOf(id).refs.keys()].find((name) => name.startsWith('refs/heads/create_'));

function historyAt(bank: Bank, { id, defaultBranch }: Repository, branch = 'HEAD') {
  const git = bank.gitOf(id);
  const head = resolveCommit(git, branch, defaultBranch);
  return head === undefined ? [] : historyOf(git, head);
}

const bank = seedBank(ORIGIN);
const repositories = [...bank.repositories.values()];
const items = repositories.map((repository) => {
  const item = itemOn(bank, repository, createBranchOf(bank, repository));
  if (item === undefined) throw new Error(`${repository.name} has no item.`);
  return { repository, item };
});

describe('the seeded items', () => {
  it('have the number of their repository', () => {
    expect(items.map(({ item }) => `item-${item.id}`)).toEqual(repositories.map(({ name }) => name));
  });

  it('have every type, and field names of both generations', () => {
    expect([...new Set(items.map(({ item }) => item.type))].toSorted()).toEqual(
      'ebsr eq gi htqo htqs mc mi ms sa stim ti tut wer wit'.split(' '),
    );
    const names = new Set(items.flatMap(({ item }) => Object.keys(item.core.metadata ?? {})));
    expect([...names]).toEqual(
      expect.arrayContaining(['grade', 'intendedGrade', 'primaryAssessmentTarget', 'primaryTarget']),
    );
    expect(items.some(({ item }) => item.asl.attachments.length > 0)).toBe(true);
  });

  it('refer to existing passages and tutorials', () => {
    const typeOf = new Map<unknown, string>(items.map(({ item }) => [item.id, item.type]));
    const named = (field: 'stimulusId' | 'tutorialId') =>
      items.map(({ item }) => item.core[field]).filter((id) => id != null);
    expect(new Set(named('stimulusId').map((id) => typeOf.get(id)))).toEqual(new Set(['stim']));
    expect(new Set(named('tutorialId').map((id) => typeOf.get(id)))).toEqual(new Set(['tut']));
  });

  it('depend only on the seed, not on what was read before', () => {
    const again = seedBank(ORIGIN);
    const other = seedBank({ ...ORIGIN, seed: 8 });
    const heads = (of: Bank) => [...of.repositories.keys()].toReversed().map((id) => [...of.gitOf(id).refs]);
    expect(heads(again)).toEqual(heads(bank));
    expect(heads(other)).not.toEqual(heads(bank));
  });
});

describe('the seeded histories', () => {
  it("have one to nine commits by several people, between the repository's creation and its last push", () => {
    for (const repository of repositories) {
      const history = historyAt(bank, repository, createBranchOf(bank, repository));
      const dates = history.map(({ committer }) => committer.date);
      expect(history.length).toBeGreaterThanOrEqual(1);
      expect(history.length).toBeLessThanOrEqual(9);
      expect(dates.every((date) => date > repository.createdAt && date < repository.pushedAt)).toBe(true);
    }
    const authors = repositories.map((repository) =>
      historyAt(bank, repository).map(({ author }) => author.email),
    );
    expect(authors.some((emails) => new Set(emails).size > 2)).toBe(true);
  });

  it('include merges', () => {
    const merges = repositories.flatMap((repository) =>
      historyAt(bank, repository).filter(({ parents }) => parents.length === 2),
    );
    expect(merges.length).toBe(10);
  });

  it("include items that exist, or are newer, only on their author's branch", () => {
    const created = repositories.filter((repository) => createBranchOf(bank, repository) !== undefined);
    const onlyThere = created.filter((repository) => itemOn(bank, repository) === undefined);
    expect([created.length, onlyThere.length]).toEqual([10, 5]);
    expect(repositories.filter((repository) => itemOn(bank, repository) === undefined)).toEqual(onlyThere);
  });

  it('change the workflow status', () => {
    const statuses = new Set(items.map(({ item }) => item.workflow.workflowStatusCode));
    expect(statuses.size).toBeGreaterThan(3);
  });
});
