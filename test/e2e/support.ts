import { createGitHub, type GitHub } from '../../functions/github/github.ts';
import type { Embedded } from '../support/embedded.ts';

const OWNER = 'item-bank';

interface ItemFile {
  /** The blob's. */
  sha: string;
  item: Record<string, unknown>;
}

/** Changes to the bank that authors make on GitHub. */
export interface Authors {
  repositories: () => Promise<{ id: number; name: string }[]>;
  readItem: (repo: string) => Promise<ItemFile>;
  /** Commits an item.json with other values of these members. */
  changeItem: (
    repo: string,
    changes: Record<string, unknown>,
  ) => Promise<{ commit: string; item: ItemFile['item'] }>;
  deleteRepository: (repo: string) => Promise<void>;
  deleteProjectWebhook: (repo: string) => Promise<void>;
}

export function authorsOf({ github: { url } }: Embedded): Authors {
  const github = createGitHub({ apiUrl: url, token: 'simulated-github-token' });
  return {
    repositories: async () => {
      const { data } = await github.rest.repos.listForOrg({ org: OWNER });
      return data.map(({ id, name }) => ({ id, name }));
    },
    readItem: (repo) => readItem(github, repo),
    changeItem: async (repo, changes) => {
      const { sha, item: before } = await readItem(github, repo);
      const item = { ...before, ...changes };
      const { data } = await github.rest.repos.createOrUpdateFileContents({
        owner: OWNER,
        repo,
        path: 'item.json',
        message: 'Change the item',
        content: Buffer.from(JSON.stringify(item)).toString('base64'),
        sha,
      });
      return { commit: data.commit.sha ?? '', item };
    },
    deleteRepository: async (repo) => void (await github.rest.repos.delete({ owner: OWNER, repo })),
    deleteProjectWebhook: async (repo) => {
      const { data: hooks } = await github.rest.repos.listWebhooks({ owner: OWNER, repo });
      const ours = hooks.filter(({ config }) => config.url?.endsWith('/webhook'));
      for (const { id } of ours) await github.rest.repos.deleteWebhook({ owner: OWNER, repo, hook_id: id });
    },
  };
}

async function readItem(github: GitHub, repo: string): Promise<ItemFile> {
  const { data } = await github.rest.repos.getContent({ owner: OWNER, repo, path: 'item.json' });
  if (Array.isArray(data) || !('content' in data)) throw new Error('item.json is not a file');
  return { sha: data.sha, item: JSON.parse(Buffer.from(data.content, 'base64').toString('utf8')) };
}
