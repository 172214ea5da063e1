import type { Organization, TransferredRepository } from './entities.ts';
import { nodeId } from './node-id.ts';

const FIRST_ID = 50_000_000;

/** Makes up an account for another owner. Its id depends only on the login. */
export function foreignOwner({ owner: login, createdAt }: TransferredRepository): Organization {
  const id = FIRST_ID + Buffer.from(login).reduce((sum, byte) => (sum * 31 + byte) % 9_999_991, 7);
  return { id, nodeId: nodeId({ type: 'Organization', databaseId: id }), login, createdAt };
}
