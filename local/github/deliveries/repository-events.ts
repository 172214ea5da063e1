import type { HookScope, Organization, Repository, TransferredRepository } from '../bank/entities.ts';
import { repositoryEvent, transferEvent } from '../representations/repository-event.ts';

/** Something that happened, and the kinds of hooks that it is delivered to. */
export interface BankEvent {
  name: string;
  /** Null for events that have no actions, such as pushes. */
  action: string | null;
  payload: object;
  repositoryId: number | null;
  reach: readonly HookScope[];
}

/** A change of a repository itself, not of its contents. */
export type RepositoryChange =
  | { readonly kind: 'created' | 'deleted'; readonly repository: Repository }
  | { readonly kind: 'updated'; readonly before: Repository; readonly after: Repository }
  | {
      readonly kind: 'transferred';
      readonly before: Repository;
      readonly after: TransferredRepository;
    };

interface EventPlace {
  organization: Organization;
  base: string;
}

const ALL = ['repository', 'organization', 'app'] as const;

/**
 * The events of a change. A deletion is not delivered to the repository's own hooks, nor to an App according to the
 * documentation. A transfer is delivered to the account that receives the repository, and to the repository's hooks,
 * which go with it. https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
 */
export function repositoryEvents(change: RepositoryChange, place: EventPlace): BankEvent[] {
  switch (change.kind) {
    case 'created':
      return [eventOf('created', change.repository, place)];
    case 'deleted':
      return [{ ...eventOf('deleted', change.repository, place), reach: ['organization'] }];
    case 'updated':
      return updateEvents(change, place);
    case 'transferred': {
      const { before, after } = change;
      const payload = transferEvent(after, place);
      const event = { name: 'repository', action: 'transferred', payload, repositoryId: before.id };
      return [{ ...event, reach: ['repository'] }];
    }
    default:
      return change satisfies never;
  }
}

/** One request can change several settings. Each of them has an event of its own. */
function updateEvents(
  { before, after }: Extract<RepositoryChange, { kind: 'updated' }>,
  place: EventPlace,
): BankEvent[] {
  const event = (action: string, changes?: object) => eventOf(action, after, place, changes);
  const edited = {
    ...(before.description !== after.description && { description: { from: before.description } }),
    ...(before.defaultBranch !== after.defaultBranch && { default_branch: { from: before.defaultBranch } }),
  };
  return [
    ...(before.name === after.name
      ? []
      : [event('renamed', { repository: { name: { from: before.name } } })]),
    ...(Object.keys(edited).length === 0 ? [] : [event('edited', edited)]),
    ...(before.archived === after.archived ? [] : [event(after.archived ? 'archived' : 'unarchived')]),
    ...visibilityEvents({ before, after }, event, place),
  ];
}

/** A repository that becomes public has two events. */
function visibilityEvents(
  { before, after }: { before: Repository; after: Repository },
  event: (action: string) => BankEvent,
  place: EventPlace,
): BankEvent[] {
  if (before.private === after.private) return [];
  if (after.private) return [event('privatized')];
  const payload = repositoryEvent(after, place);
  return [event('publicized'), { name: 'public', action: null, payload, repositoryId: after.id, reach: ALL }];
}

const eventOf = (action: string, repository: Repository, place: EventPlace, changes?: object): BankEvent => ({
  name: 'repository',
  action,
  payload: { action, ...(changes && { changes }), ...repositoryEvent(repository, place) },
  repositoryId: repository.id,
  reach: ALL,
});
