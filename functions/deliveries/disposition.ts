import { isCreateBranch } from '../github/create-prefix.ts';
import { isSameLogin } from '../github/repository.ts';
import type { DropReason } from '../shared/contract/deliveries.ts';
import { itemBankId } from '../shared/contract/ids.ts';
import type { Delivery, Payload } from './delivery.ts';
import type { DeliveryMessage } from './delivery-message.ts';

/** What is done about a delivery: an item is synchronized because of it, or nothing. */
export type Disposition = { kind: 'queue'; message: DeliveryMessage } | { kind: 'drop'; reason: DropReason };

/** Which repositories are in the item bank. */
export interface BankScope {
  organization: string;
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
}

type Repository = NonNullable<Payload['repository']>;

/** Actions of `repository` events. `deleted` and `transferred` remove an item only after GitHub has confirmed them. */
const REPOSITORY_ACTIONS: ReadonlySet<string> = new Set([
  'created',
  'renamed',
  'archived',
  'unarchived',
  'transferred',
  'edited',
  'deleted',
  'publicized',
  'privatized',
]);

/**
 * Decides from a delivery alone whether an item must be synchronized. If the payload does not say enough to drop it, it
 * is queued: that costs a part of a query, and a lost change would stay unnoticed until the next run.
 */
export function dispositionOf({ deliveryId, event, payload }: Delivery, bank: BankScope): Disposition {
  const { action, repository, before, after } = payload;
  const reason = dropReason(event, payload, bank);
  if (reason !== undefined) return { kind: 'drop', reason };
  if (!repository) return { kind: 'drop', reason: 'no-repository' };
  return {
    kind: 'queue',
    message: {
      itemBankId: itemBankId(repository.id),
      event,
      deliveryId,
      ...(action !== undefined && { action }),
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  };
}

function dropReason(event: string, payload: Payload, bank: BankScope): DropReason | undefined {
  switch (event) {
    case 'ping':
      return 'ping';
    case 'push':
      return strangerReason(payload, bank) ?? (isFollowed(payload) ? undefined : 'other-branch');
    case 'create':
    case 'delete': {
      const isBranch = payload.ref_type === undefined || payload.ref_type === 'branch';
      return strangerReason(payload, bank) ?? (isBranch && isFollowed(payload) ? undefined : 'other-branch');
    }
    case 'repository': {
      const { action } = payload;
      if (action !== undefined && !REPOSITORY_ACTIONS.has(action)) return 'unknown-event';
      // A repository that was transferred has another owner, and may have to leave the mirror.
      return action === 'transferred' ? undefined : strangerReason(payload, bank);
    }
    // The webhook that sends it was deleted. If it was that of a repository, the repository is checked at once.
    case 'meta':
      return strangerReason(payload, bank);
    default:
      return 'unknown-event';
  }
}

/** Why a repository is not part of the item bank; undefined if it is, or may be. */
function strangerReason({ repository, organization }: Payload, bank: BankScope): DropReason | undefined {
  const owner = (repository && ownerOf(repository)) ?? organization?.login;
  if (owner !== undefined && !isSameLogin(owner, bank.organization)) return 'other-organization';
  const isIgnored = repository?.name !== undefined && bank.ignored.has(repository.name);
  return isIgnored ? 'ignored-repository' : undefined;
}

const ownerOf = ({ owner, full_name }: Repository): string | undefined =>
  // Pushes name an owner by `name`, other events by `login`.
  owner?.login ?? owner?.name ?? full_name?.split('/')[0];

const BRANCH_PREFIX = 'refs/heads/';

/** Whether the mirror may follow the branch. A push names it by its full ref, other events by its name. */
function isFollowed({ ref, repository }: Payload): boolean {
  if (ref === undefined || repository?.default_branch === undefined)
    return ref?.startsWith('refs/tags/') !== true;
  const branch = ref.startsWith(BRANCH_PREFIX) ? ref.slice(BRANCH_PREFIX.length) : ref;
  return branch === repository.default_branch || isCreateBranch(branch);
}
