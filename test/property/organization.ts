import type { Octokit } from '@octokit/rest';
import { type ItemBankId, itemBankId } from '../../functions/shared/contract/ids.ts';
import { ORGANIZATION } from '../support/bank.ts';
import type { Clock } from '../support/clock.ts';
import type { Place } from './commits.ts';

/** What people know about a repository. */
export interface KnownRepository {
  id: ItemBankId;
  name: string;
  archived: boolean;
  defaultBranch: string;
}

/** An organization, and what people remember about it. */
export interface Organization {
  github: Octokit;
  clock: Pick<Clock, 'now'>;
  /** The existing repositories. */
  repositories: KnownRepository[];
  /** The ids of all repositories, including those that are gone. */
  ids: ItemBankId[];
  formerNames: string[];
  /** People create no more repositories than this. */
  maxRepositories: number;
}

// A larger bank takes longer and does not find other faults.
const MAX_REPOSITORIES = 5;

export async function openOrganization(
  github: Octokit,
  clock: Pick<Clock, 'now'>,
  maxRepositories = MAX_REPOSITORIES,
): Promise<Organization> {
  const listed = await github.paginate(github.rest.repos.listForOrg, { org: ORGANIZATION });
  const repositories = listed.map(({ id, name }) => newlyKnown(id, name));
  const ids = repositories.map(({ id }) => id);
  return { github, clock, repositories, ids, formerNames: [], maxRepositories };
}

const newlyKnown = (id: number, name: string): KnownRepository => ({
  id: itemBankId(id),
  name,
  archived: false,
  defaultBranch: 'main',
});

export const placeOf = (github: Octokit, { name }: KnownRepository): Place => ({
  github,
  owner: ORGANIZATION,
  repo: name,
});

/** The member of a list at this index from its end, modulo its length. */
export function memberAt<Member>(members: readonly Member[], place: number): Member | undefined {
  return members.at(-1 - (place % members.length));
}

export interface NewRepository {
  name: 'new' | 'former';
  /** Whether it begins with a README, which GitHub offers when a repository is created. */
  hasPage: boolean;
}

/** @returns undefined if the bank is large enough. */
export async function createRepository(
  organization: Organization,
  { name, hasPage }: NewRepository,
): Promise<KnownRepository | undefined> {
  const { github, repositories, ids, maxRepositories } = organization;
  if (repositories.length >= maxRepositories) return undefined;
  const { data } = await github.rest.repos.createInOrg({
    org: ORGANIZATION,
    name: freeName(organization, name),
    auto_init: hasPage,
  });
  const repository = newlyKnown(data.id, data.name);
  repositories.push(repository);
  ids.push(repository.id);
  return repository;
}

export async function rename(
  organization: Organization,
  repository: KnownRepository,
  to: 'new' | 'former',
): Promise<void> {
  const name = freeName(organization, to);
  await change(organization, repository, { name });
  organization.formerNames.push(repository.name);
  repository.name = name;
}

/** Uses a new name if there is no former one. */
function freeName({ repositories, ids, formerNames }: Organization, wanted: 'new' | 'former'): string {
  const taken = new Set(repositories.map(({ name }) => name));
  const free = formerNames.findLast((name) => !taken.has(name));
  const fresh = `item-${1_000 + ids.length + formerNames.length}`;
  return wanted === 'former' && free !== undefined ? free : fresh;
}

export async function archiveOrUnarchive(
  organization: Organization,
  repository: KnownRepository,
): Promise<void> {
  const archived = !repository.archived;
  await change(organization, repository, { archived });
  repository.archived = archived;
}

export async function switchDefaultBranch(
  organization: Organization,
  repository: KnownRepository,
  defaultBranch: string,
): Promise<void> {
  await change(organization, repository, { default_branch: defaultBranch });
  repository.defaultBranch = defaultBranch;
}

async function change(
  { github }: Organization,
  { name: repo }: KnownRepository,
  settings: { name?: string; archived?: boolean; default_branch?: string },
): Promise<void> {
  await github.rest.repos.update({ owner: ORGANIZATION, repo, ...settings });
}

export async function deleteRepository(
  organization: Organization,
  repository: KnownRepository,
): Promise<void> {
  await organization.github.rest.repos.delete({ owner: ORGANIZATION, repo: repository.name });
  forget(organization, repository);
}

export async function transfer(organization: Organization, repository: KnownRepository): Promise<void> {
  const place = { owner: ORGANIZATION, repo: repository.name };
  await organization.github.rest.repos.transfer({ ...place, new_owner: 'another-bank' });
  forget(organization, repository);
}

function forget({ repositories, formerNames }: Organization, repository: KnownRepository): void {
  repositories.splice(repositories.indexOf(repository), 1);
  formerNames.push(repository.name);
}
