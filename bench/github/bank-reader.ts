import { createGitHub, type GitHub } from '../../functions/github/github.ts';
import { readHeads } from '../../functions/github/heads.ts';
import { listRepositories } from '../../functions/github/list-repositories.ts';
import type { SeenRepository } from '../../functions/mirror/mirror-rows.ts';
import { chunksOf } from '../../functions/shared/chunks.ts';
import type { ListedRepository } from '../../functions/shared/contract/repositories.ts';
import type { KnownWebhook } from '../../functions/shared/contract/webhooks.ts';
import { seenRepository } from '../../functions/synchronization/synchronize-items.ts';
import { checkWebhook, knownAfterCheck } from '../../functions/webhooks/check-webhook.ts';
import { repositoryWebhooks } from '../../functions/webhooks/webhook-target.ts';
import { BANK, PAGE_SIZE } from './bank.ts';

const NOTHING_IGNORED: ReadonlySet<string> = new Set();

/** Reads repositories with the product's own client. */
export interface BankReader {
  list: () => Promise<ListedRepository[]>;
  /** The repositories that have an item, with what shows whether it has changed. */
  seen: (repositories: readonly ListedRepository[]) => Promise<SeenRepository[]>;
  /** What a run would remember of the webhook of a repository. */
  knownWebhook: (repositoryName: string) => Promise<KnownWebhook | undefined>;
}

export function readBank(apiUrl: string): BankReader {
  const github: GitHub = createGitHub({ apiUrl, token: BANK.token });
  const request = { github, organization: BANK.organization, now: () => new Date() };
  return {
    list: async () => (await listRepositories({ ...request, ignored: NOTHING_IGNORED })).repositories,
    seen: async (repositories) => {
      const heads = await readHeads(request, repositories);
      return repositories.flatMap((repository) => {
        const head = heads.get(repository.itemBankId);
        return head?.kind === 'read' ? [seenRepository(repository, head)] : [];
      });
    },
    knownWebhook: async (name) => {
      const context = { ...request, projectWebhookUrl: BANK.projectWebhookUrl, webhookSecret: '' };
      const check = await checkWebhook(context, repositoryWebhooks(context, name), undefined);
      return knownAfterCheck(undefined, check, new Date());
    },
  };
}

/** Makes the simulated GitHub generate all histories, which it does on first use, so that a run is not slowed down by it. */
export async function makeHistories(
  apiUrl: string,
  repositories: readonly ListedRepository[],
): Promise<void> {
  const bank = readBank(apiUrl);
  for (const chunk of chunksOf(repositories, { count: PAGE_SIZE })) await bank.seen(chunk);
}
