import type { Organization, Repository, TransferredRepository } from '../bank/entities.ts';
import { foreignOwner } from '../bank/foreign-owner.ts';
import { VIEWER } from '../bank/items/people.ts';
import { ownerOf } from './account.ts';
import { personAnswer } from './git.ts';
import { eventOrganization } from './push-event.ts';
import { fullRepository, type RepositoryContext } from './repository.ts';

/** What all events of a repository contain. */
export function repositoryEvent(
  repository: Repository,
  { organization, base }: RepositoryContext,
): Readonly<Record<string, unknown>> {
  return {
    repository: fullRepository(repository, { organization, base }),
    organization: eventOrganization(organization, base),
    sender: personAnswer(VIEWER, base),
  };
}

/** A transfer from this organization. The repository is shown as the new owner has it. */
export function transferEvent(
  repository: TransferredRepository,
  { organization: from, base }: RepositoryContext,
): Readonly<Record<string, unknown>> {
  const organization: Organization = foreignOwner(repository);
  return {
    action: 'transferred',
    changes: { owner: { from: { organization: ownerOf(from, base) } } },
    ...repositoryEvent(repository, { organization, base }),
  };
}
