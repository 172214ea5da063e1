import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { type BankChange, type Hook, type Repository, timestamp } from './bank.ts';
import { createDraft } from './git/draft.ts';
import { createGitRepository } from './git/git-repository.ts';
import type { FileEntry } from './git/trees.ts';
import { AUTHORING_TOOL } from './items/people.ts';
import { nodeId } from './node-id.ts';
import { createRandom } from './random.ts';
import { type BankOrigin, FIRST_HOOK_ID, REPOSITORY_IDS, SEEDED_SECRET, scattered } from './seed.ts';

/**
 * The changes that make a bank of this folder: a repository for each folder in it that holds an item.json, with all
 * its files in one commit of the date that item.json has. Hidden files and links are left out.
 *
 * @throws Error when no folder holds an item.json, or fewer than are to lack the project webhook.
 */
export function importBank(folder: string, origin: BankOrigin): BankChange[] {
  const itemFolders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => readdirSync(path).includes('item.json'))
    .sort();
  if (itemFolders.length === 0) throw new Error(`No folder in ${folder} holds an item.json.`);
  if (origin.withoutProjectWebhook > itemFolders.length) {
    throw new RangeError(
      `${origin.withoutProjectWebhook} repositories without the project webhook, of ${itemFolders.length} in ${folder}`,
    );
  }
  const random = createRandom(origin.seed, 'without webhook');
  const unhooked = scattered(itemFolders.length, origin.withoutProjectWebhook, random);
  return itemFolders.flatMap((path, index) => {
    const repository = repositoryOf(path, REPOSITORY_IDS.from + 7 * index);
    const imported = contentsOf(path, repository);
    if (unhooked.has(index)) return [imported];
    const hook = projectHook(origin, repository, FIRST_HOOK_ID + index);
    return [imported, { type: 'hook-written', repositoryId: repository.id, hook }];
  });
}

function repositoryOf(path: string, id: number): Repository {
  const at = timestamp(statSync(join(path, 'item.json')).mtime);
  return {
    id,
    nodeId: nodeId({ type: 'Repository', databaseId: id }),
    name: basename(path).replaceAll(/[^\w.-]/g, '-'),
    description: null,
    private: true,
    archived: false,
    disabled: false,
    defaultBranch: 'main',
    size: 1,
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
  };
}

function contentsOf(folder: string, repository: Repository): BankChange {
  const draft = createDraft(createGitRepository());
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .map((path): [string, FileEntry] => [
      relative(folder, path).split(sep).join('/'),
      { mode: '100644', oid: draft.blob(readFileSync(path)) },
    ]);
  const { name, email } = AUTHORING_TOOL;
  const by = { name, email, date: repository.pushedAt };
  const tree = draft.tree(new Map(files));
  const oid = draft.commit({ tree, parents: [], author: by, committer: by, message: 'Import the item' });
  const refs = [{ name: `refs/heads/${repository.defaultBranch}`, oid }];
  return { type: 'git-written', repository, objects: draft.objects, refs };
}

function projectHook({ projectWebhookUrl: url }: BankOrigin, { createdAt }: Repository, id: number): Hook {
  const config = { url, content_type: 'json', insecure_ssl: '0', secret: SEEDED_SECRET } as const;
  return {
    id,
    active: true,
    events: ['push'],
    config,
    createdAt,
    updatedAt: createdAt,
    lastResponseCode: 202,
  };
}
