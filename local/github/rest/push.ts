import { type Repository, timestamp } from '../bank/entities.ts';
import type { RefChange } from '../bank/git/histories.ts';
import type { GitObject } from '../bank/git/objects.ts';
import { Refusal } from '../refusal.ts';
import type { Site } from '../site.ts';

/** @throws Refusal 403 as GitHub answers any write to an archived repository. */
export function assertWritable(repository: Repository): void {
  if (repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
}

/** Writes objects and moves refs, all or nothing, and then tells the webhooks. */
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
  const bytes = objects.reduce(
    (total, object) => total + (object.type === 'blob' ? Buffer.byteLength(object.content, 'base64') : 0),
    0,
  );
  // In kilobytes, and never 0 again: that is how an empty repository is known.
  const size = Math.max(1, repository.size + Math.floor(bytes / 1024));
  return { ...repository, size, pushedAt: at, updatedAt: at };
}
