import { describe, expect, it } from 'vitest';
import { createDraft } from '../../../../local/github/bank/git/draft.ts';
import { createGitRepository } from '../../../../local/github/bank/git/git-repository.ts';

describe('the objects of a repository', () => {
  it('have the same ids as in git', () => {
    const draft = createDraft(createGitRepository());
    const file = (text: string) => ({ mode: '100644', oid: draft.blob(Buffer.from(text)) }) as const;
    const tree = draft.tree(
      new Map([
        ['d/item.json', file('{}\n')],
        ['a.txt', file('hello\n')],
        ['d.txt', file('x')],
      ]),
    );
    const commit = draft.commit({
      tree,
      parents: [],
      author: { name: 'Greta Lindqvist', email: 'g@example.org', date: '2026-01-02T03:04:05Z' },
      committer: { name: 'Item Authoring', email: 'i@example.org', date: '2026-01-02T03:04:06Z' },
      message: 'Create item 1\n',
    });
    // Created by git 2.39 from the same files, people and dates.
    expect(draft.blob(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    expect(tree).toBe('ef962b32f328333acf47cfd8e2777be2e17490c2');
    expect(commit).toBe('80e007c857407d3640eb01f8c89a7e9b04be6aa1');
  });
});
