import type { Hook, Organization, Repository } from '../bank/entities.ts';
import { VIEWER } from '../bank/items/people.ts';
import { personAnswer } from './git.ts';
import { organizationHookAnswer, repositoryHookAnswer } from './hook.ts';
import { eventOrganization } from './push-event.ts';
import { fullRepository } from './repository.ts';

export interface HookEventSource {
  organization: Organization;
  /** Undefined for a hook of the organization. */
  repository: Repository | undefined;
  base: string;
}

/** The payload that a new hook receives, and a pinged one. */
export function pingEvent(hook: Hook, source: HookEventSource): Readonly<Record<string, unknown>> {
  return {
    zen: 'Keep it logically awesome.',
    hook_id: hook.id,
    ...subjectOf(hook, source),
    sender: personAnswer(VIEWER, source.base),
  };
}

/** The payload that a hook receives when it is deleted. */
export function metaEvent(hook: Hook, source: HookEventSource): Readonly<Record<string, unknown>> {
  const { hook: answer, ...subject } = subjectOf(hook, source);
  const { id, name, active, events, config, updated_at, created_at, type } = answer;
  return {
    action: 'deleted',
    hook_id: hook.id,
    hook: { type, id, name, active, events, config, updated_at, created_at },
    ...subject,
    sender: personAnswer(VIEWER, source.base),
  };
}

function subjectOf(hook: Hook, { organization, repository, base }: HookEventSource) {
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
