import type { Hook, Organization, Repository } from '../bank/entities.ts';
import { VIEWER } from '../bank/items/people.ts';
import { personAnswer } from './git.ts';
import { organizationHookAnswer, repositoryHookAnswer } from './hook.ts';
import { eventOrganization } from './push-event.ts';
import { fullRepository } from './repository.ts';

export interface PingSource {
  organization: Organization;
  /** Undefined when the hook is one of the organization. */
  repository: Repository | undefined;
  base: string;
}

/** What a hook is told when it is made, and whenever it is pinged. */
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
