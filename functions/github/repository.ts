import { itemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import * as z from '../shared/zod.ts';

/** GitHub's schema marks most fields as optional. A repository cannot be handled without these. */
export const Repository = z.object({
  id: z.int().check(z.positive()),
  node_id: z.string().check(z.minLength(1)),
  name: z.string().check(z.minLength(1)),
  // If it cannot be read, the repository counts as not archived: at worst, GitHub refuses a write to it.
  archived: z.lenient(z.boolean()),
});
export type Repository = z.infer<typeof Repository>;

export function asListed({ id, node_id, name, archived = false }: Repository): ListedRepository {
  return { itemBankId: itemBankId(id), nodeId: node_id, repositoryName: name, archived };
}

/** Whether GitHub allows the name. Such a name is one segment of a URL path: `.` and `..` would lead elsewhere. */
export function isRepositoryName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,100}$/.test(name) && name !== '.' && name !== '..';
}

/** GitHub keeps the case of a login, and ignores it in comparisons. */
export function isSameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
