import { type Repository, timestamp } from '../bank/entities.ts';
import type { RefChange } from '../bank/git/histories.ts';
import { contentBytes, type GitObject } from '../bank/git/objects.ts';
import { Refusal } from '../refusal.ts';
import type { Site } from '../site.ts';

/** @throws Refusal 403 for an archived repository, like GitHub for every write */
export function assertWritable(repository: Repository): void {
  if (repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
}

/** Writes objects and moves refs atomically, and then delivers the push to the webhooks. */
export function push(
  site: Site,
  repository: Repository,
  { objects, refs }: { objects: readonly GitObject[]; refs: readonly RefChange[] },
): Repository {
  const { bank } = site.store;
  const known = bank.gitOf(repository.id).refs;
  const updates = refs.map((ref) => ({ ...ref, before: known.get(ref.name) ?? null }));
  const pushed = refs.length === 0 ? repository : pushedRepository(site, repository, objects);
  site.store.change({ type: 'git-written', repository: pushed, objects, refs });
  if (updates.length > 0) site.deliveries.push({ repository: pushed, updates });
  return pushed;
}

function pushedRepository(site: Site, repository: Repository, objects: readonly GitObject[]): Repository {
  const at = timestamp(site.now());
  const bytes = objects.reduce((total, object) => total + contentBytes(object), 0);
  // In kilobytes. Never 0 after a push, because 0 means an empty repository.
  const size = Math.max(1, repository.size + Math.floor(bytes / 1024));
  return { ...repository, size, pushedAt: at, updatedAt: at };
}
