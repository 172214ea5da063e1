import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { type Person, personWithLogin, VIEWER } from '../bank/items/people.ts';
import { nodeId } from '../bank/node-id.ts';
import { notFound } from '../refusal.ts';
import { publicUser } from '../representations/account.ts';
import { baseUrl, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';

type PublicUser = components['schemas']['public-user'];

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/users/users#${anchor}` },
});

/** Routes for the owner of the token, and for the account with a login: a person, or the organization. */
export function addUserRoutes(app: FastifyInstance, { store }: Site): void {
  const { organization } = store.bank;
  const personAnswer = (person: Person, base: string): PublicUser => {
    const account = { ...person, nodeId: nodeId({ type: 'User', databaseId: person.id }), type: 'User' };
    return publicUser({ ...account, createdAt: organization.createdAt }, base);
  };
  const { config } = documented('get-the-authenticated-user');
  app.get('/user', { config: { ...config, onlyFor: 'user' } }, async (request) =>
    personAnswer(VIEWER, baseUrl(request)),
  );
  app.get('/users/:username', documented('get-a-user'), async (request): Promise<PublicUser> => {
    const login = pathParameter(request, 'username');
    if (login.toLowerCase() === organization.login.toLowerCase()) {
      const account = { ...organization, type: 'Organization', name: organization.login, email: null };
      return publicUser(account, baseUrl(request));
    }
    const person = personWithLogin(login);
    if (person === undefined) throw notFound();
    return personAnswer(person, baseUrl(request));
  });
}
