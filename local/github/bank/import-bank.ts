import type { Bank, BankChange } from './bank.ts';
import { BankError, withFiles } from './bank-error.ts';
import type { BlobFiles } from './blob-files.ts';
import type { Hook, Repository } from './entities.ts';
import { firstCommit, nextCommit, treeOfFolder } from './folder-commits.ts';
import { type ItemFolder, readItemFolders } from './item-folders.ts';
import { nodeId } from './node-id.ts';
import { createRandom } from './random.ts';
import { type BankOrigin, FIRST_HOOK_ID, REPOSITORY_IDS, scattered } from './seed.ts';

interface Target {
  readonly bank: Bank;
  readonly blobs: BlobFiles;
  change(change: BankChange): void;
}

/**
 * Fills an empty bank from a folder: one repository for each subfolder that has an item.json, with its files in one
 * commit. All but `withoutProjectWebhook` repositories have the project webhook.
 *
 * @throws BankError when no subfolder has an item.json, there are fewer than `withoutProjectWebhook`, or GitHub would
 * refuse some of their names.
 */
export function importBank(target: Target, parent: string, origin: BankOrigin): void {
  const itemFolders = readItemFolders(parent, () => false);
  const { withoutProjectWebhook } = origin;
  if (withoutProjectWebhook > itemFolders.length) {
    throw new BankError(
      `${withoutProjectWebhook} repositories should lack the project webhook, but ${parent} has only ${itemFolders.length}`,
    );
  }
  const random = createRandom(origin.seed, 'without webhook');
  const withoutHook = scattered(itemFolders.length, withoutProjectWebhook, random);
  for (const [index, itemFolder] of itemFolders.entries()) {
    const repository = addRepository(target, itemFolder);
    if (withoutHook.has(index)) continue;
    const hook = projectHook(origin, repository, Math.max(target.bank.nextHookId(), FIRST_HOOK_ID));
    target.change({ type: 'hook-written', repositoryId: repository.id, hook });
  }
}

/**
 * Imports the changes of the folder since the last import: one commit for a changed subfolder, a new repository without
 * project webhook for a new subfolder, and the deletion of a repository whose subfolder is gone. Other changes to the
 * bank are kept.
 *
 * @throws BankError like `importBank`, and when a new subfolder has the name of an existing repository.
 */
export function importChanges(target: Target, parent: string): void {
  const { bank, blobs, change } = target;
  const itemFolders = readItemFolders(parent, (name) => bank.folders.has(name));
  const present = new Set(itemFolders.map(({ name }) => name));
  const gone = [...bank.folders.values()].filter(({ name }) => !present.has(name));
  const changed = itemFolders.filter(
    (folder) => bank.folders.get(folder.name)?.tree !== treeOfFolder(folder),
  );
  const added = changed.filter(({ name }) => knownFolder(bank, name) === undefined);
  assertNamesAreFree(bank, added, new Set(gone.map(({ repositoryId }) => repositoryId)));

  for (const { name, repositoryId } of gone) {
    if (bank.repositories.has(repositoryId)) change({ type: 'repository-deleted', repositoryId });
    change({ type: 'folder-forgotten', name });
  }
  for (const itemFolder of changed) {
    const known = knownFolder(bank, itemFolder.name);
    if (known === undefined) addRepository(target, itemFolder);
    else change(readContents(itemFolder, () => nextCommit(known, itemFolder, blobs)));
  }
}

/** Undefined for a new folder, and for one whose repository has been deleted or transferred. */
function knownFolder(bank: Bank, name: string) {
  const folder = bank.folders.get(name);
  const repository = bank.repositories.get(folder?.repositoryId ?? Number.NaN);
  if (folder === undefined || repository === undefined) return undefined;
  return { repository, git: bank.gitOf(repository.id), tree: folder.tree };
}

function assertNamesAreFree(bank: Bank, added: readonly ItemFolder[], removed: ReadonlySet<number>): void {
  const taken = added.filter(({ name }) => {
    const holder = bank.repositoryNamed(bank.organization.login, name);
    return holder !== undefined && !removed.has(holder.id);
  });
  if (taken.length === 0) return;
  const names = taken.map(({ name }) => `"${name}"`).join(', ');
  throw new BankError(`The bank already has repositories with the names of these folders: ${names}.`);
}

/** The files can have become unreadable since they were listed and hashed. */
const readContents = <T>({ name }: ItemFolder, read: () => T): T =>
  withFiles(`The folder ${name} cannot be read`, read);

function addRepository({ bank, blobs, change }: Target, itemFolder: ItemFolder): Repository {
  const { name, changedAt: at } = itemFolder;
  const id = Math.max(bank.nextRepositoryId(), REPOSITORY_IDS.from);
  const repository: Repository = {
    id,
    nodeId: nodeId({ type: 'Repository', databaseId: id }),
    name,
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
  change(readContents(itemFolder, () => firstCommit(repository, itemFolder, blobs)));
  return repository;
}

function projectHook(origin: BankOrigin, { createdAt }: Repository, id: number): Hook {
  const { projectWebhookUrl: url, projectWebhookSecret: secret } = origin;
  const config = { url, content_type: 'json', insecure_ssl: '0', secret } as const;
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
