import type { Hook, Organization, Repository } from '../bank/entities.ts';
import { VIEWER } from '../bank/items/people.ts';
import { personAnswer } from './git.ts';
import { organizationHookAnswer, repositoryHookAnswer } from './hook.ts';
import { eventOrganization } from './push-event.ts';
import { fullRepository } from './repository.ts';

export interface PingSource {
  organization: Organization;
  /** Undefined for a hook of the organization. */
  repository: Repository | undefined;
  base: string;
}

/** The payload that a new hook receives, and a pinged one. */
export function pingEvent(hook: Hook, source: PingSource): Readonly<Record<string, unknown>> {
  return {
    zen: 'Keep it logically awesome.',
    hook_id: hook.id,
    ...subjectOf(hook, source),
    sender: personAnswer(VIEWER, source.base),
  };
}

function subjectOf(hook: Hook, { organization, repository, base }: PingSource) {
  if (repository === undefined) {
    return {
      hook: organizationHookAnswer(hook, `${base}/orgs/${organization.login}`),
      organization: eventOrganization(organization, base),
    };
  }
  return {
    hook: repositoryHookAnswer(hook, `${base}/repos/${organization.login}/${repository.name}`),
    repository: fullRepository(repository, { organization, base }),
  };
}
