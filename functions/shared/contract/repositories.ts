import type { ItemBankId } from './ids.ts';

/** A repository as GitHub lists it. */
export interface ListedRepository {
  itemBankId: ItemBankId;
  /** GraphQL's id. It is needed because GraphQL's `databaseId` has only 32 bits. */
  nodeId: string;
  repositoryName: string;
  /** An archived repository is read-only and can have no new webhook. */
  archived: boolean;
}

/** How messages and logs refer to a repository. */
export type NamedRepository = Pick<ListedRepository, 'itemBankId' | 'repositoryName'>;
