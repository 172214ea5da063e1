import type { Organization, TransferredRepository } from './entities.ts';
import { nodeId } from './node-id.ts';

const FIRST_ID = 50_000_000;

/** The bank knows no other accounts: the id of one is any, and the same for the same login. */
export function foreignOwner({ owner: login, createdAt }: TransferredRepository): Organization {
  const id = FIRST_ID + Buffer.from(login).reduce((sum, byte) => (sum * 31 + byte) % 9_999_991, 7);
  return { id, nodeId: nodeId({ type: 'Organization', databaseId: id }), login, createdAt };
}
