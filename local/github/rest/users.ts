import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { type Person, personWithLogin, VIEWER } from '../bank/items/people.ts';
import { nodeId } from '../bank/node-id.ts';
import { callerOf } from '../callers.ts';
import { notFound, Refusal } from '../refusal.ts';
import { type Account, membership, publicUser } from '../representations/account.ts';
import { baseUrl, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { assertOurs } from './organizations.ts';

type PublicUser = components['schemas']['public-user'];

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/users/users#${anchor}` },
});

const accountOf = ({ id, login }: Person): Account => ({
  login,
  id,
  nodeId: nodeId({ type: 'User', databaseId: id }),
  type: 'User',
});

/** Any of these lets a classic token read memberships. */
const MEMBERSHIP_SCOPES = ['read:org', 'write:org', 'admin:org'];

/** Routes for the owner of the token, and for the account with a login: a person, or the organization. */
export function addUserRoutes(app: FastifyInstance, site: Site): void {
  const { organization } = site.store.bank;
  const personAnswer = (person: Person, base: string): PublicUser =>
    publicUser({ ...person, ...accountOf(person), createdAt: organization.createdAt }, base);
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
  addMembership(app, site);
}

function addMembership(app: FastifyInstance, site: Site): void {
  const documentation =
    'https://docs.github.com/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user';
  const config = { documentation, onlyFor: 'user' } as const;
  app.get('/user/memberships/orgs/:org', { config }, async (request) => {
    assertOurs(request, site);
    const { role, scopes } = callerOf(request);
    if (scopes && !scopes.some((scope) => MEMBERSHIP_SCOPES.includes(scope))) {
      throw new Refusal(403, 'You do not have access to this organization membership.');
    }
    if (role === undefined) throw notFound();
    return membership(
      { organization: site.store.bank.organization, user: accountOf(VIEWER), role },
      baseUrl(request),
    );
  });
}
