import { commit } from './authors.ts';
import { branchesOf } from './commits.ts';
import type { BankOperation, Commitment, Content, Creation, Setting } from './operations.ts';
import {
  archiveOrUnarchive,
  createRepository,
  deleteRepository,
  type KnownRepository,
  memberAt,
  type Organization,
  placeOf,
  rename,
  switchDefaultBranch,
  transfer,
} from './organization.ts';

const content: Content = { status: 'Draft', edition: 1, names: 'newer' };
const GOOD = { kind: 'save item', content, author: 'greta', repository: 0 } as const;
const BEGINNING = {
  kind: 'save item being created',
  content,
  branch: 'create_greta',
  repository: 0,
} as const;

/** Performs an operation, if it is possible. */
export async function perform(organization: Organization, operation: BankOperation): Promise<void> {
  if (operation.kind === 'create repository') return create(organization, operation);
  const repository = memberAt(organization.repositories, operation.repository);
  if (!repository) return;
  switch (operation.kind) {
    case 'archive or unarchive':
      return archiveOrUnarchive(organization, repository);
    case 'delete repository':
      return deleteRepository(organization, repository);
    case 'transfer':
      return transfer(organization, repository);
    default:
      if (!repository.archived) await write(organization, repository, operation);
  }
}

async function create(organization: Organization, { name, begins }: Creation): Promise<void> {
  const hasPage = begins === 'with a page' || begins === 'with an item being created';
  const repository = await createRepository(organization, { name, hasPage });
  if (!repository) return;
  if (begins === 'with an item') await commit(organization, repository, GOOD);
  if (begins === 'with an item being created') await commit(organization, repository, BEGINNING);
}

async function write(
  organization: Organization,
  repository: KnownRepository,
  operation: Commitment | Setting,
): Promise<void> {
  switch (operation.kind) {
    case 'rename':
      return rename(organization, repository, operation.to);
    case 'switch default branch': {
      const branches = await branchesOf(placeOf(organization.github, repository));
      const branch = memberAt(branches, operation.to);
      return branch && switchDefaultBranch(organization, repository, branch.name);
    }
    default:
      return commit(organization, repository, operation);
  }
}

/** Commits a valid item.json to a repository. An archived repository is archived again. */
export async function mend(organization: Organization, repository: KnownRepository): Promise<void> {
  const { archived } = repository;
  if (archived) await archiveOrUnarchive(organization, repository);
  await commit(organization, repository, GOOD);
  if (archived) await archiveOrUnarchive(organization, repository);
}
