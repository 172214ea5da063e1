import type { Person } from '../bank/items/people.ts';
import { nodeId } from '../bank/node-id.ts';
import type { JsonObject } from '../request.ts';

export function personNode({ id, login, name, email }: Person, base: string): JsonObject {
  return {
    __typename: 'User',
    id: nodeId({ type: 'User', databaseId: id }),
    databaseId: id,
    login,
    name,
    email,
    url: `${base}/${login}`,
    resourcePath: `/${login}`,
    avatarUrl: () => `${base}/avatars/u/${id}?v=4`,
  };
}
