import type { RefUpdate } from '../bank/git/histories.ts';
import type { EventSource } from './push-event.ts';
import { repositoryEvent } from './repository-event.ts';

/** The payload for a branch or tag that was created or deleted, which the name of the event says. */
export function branchEvent(
  { name, oid }: RefUpdate,
  source: EventSource,
): Readonly<Record<string, unknown>> {
  const { repository } = source;
  return {
    ref: name.replace(/^refs\/(?:heads|tags)\//, ''),
    ref_type: name.startsWith('refs/tags/') ? 'tag' : 'branch',
    ...(oid !== null && { master_branch: repository.defaultBranch, description: repository.description }),
    pusher_type: 'user',
    ...repositoryEvent(repository, source),
  };
}
