import type { components } from '@octokit/openapi-types';
import type { Hook } from '../bank/bank.ts';
import { VIEWER } from '../bank/items/people.ts';
import { personAnswer } from './git.ts';
import { hookAnswer } from './hook.ts';
import type { EventSource } from './push-event.ts';
import { fullRepository } from './repository.ts';

/** What a hook is told when it is made, and whenever it is pinged. */
export function pingEvent(
  hook: Hook,
  { organization, repository, base }: Omit<EventSource, 'git'>,
): { hook: components['schemas']['hook'] } & Readonly<Record<string, unknown>> {
  const url = `${base}/repos/${organization.login}/${repository.name}`;
  return {
    zen: 'Keep it logically awesome.',
    hook_id: hook.id,
    hook: hookAnswer(hook, url),
    repository: fullRepository(repository, { organization, base }),
    sender: personAnswer(VIEWER, base),
  };
}
