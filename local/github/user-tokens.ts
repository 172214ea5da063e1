import type { Bank } from './bank/bank.ts';
import { VIEWER } from './bank/items/people.ts';
import type { Caller } from './callers.ts';
import { createAllowance } from './limits/allowance.ts';
import type { PublishedLimits } from './limits/published-limits.ts';
import { idsOfRepositories } from './repository-selection.ts';

/** A personal access token. All of them belong to one user, whose role may differ from token to token. */
export interface UserToken {
  token: string;
  /** The user's role in the organization; undefined if the user is no member. */
  role: 'admin' | 'member' | undefined;
  /** The scopes of a classic token; undefined for a fine-grained token, which has none. */
  scopes: readonly string[] | undefined;
  /** The names of the repositories that it can see, at the time of the start; all by default. */
  repositories?: readonly string[];
}

/** The scopes of the operators' runbook, and `admin:org_hook` for organization webhooks. */
const RUNBOOK_SCOPES = ['admin:org_hook', 'admin:repo_hook', 'read:org', 'repo'];

/** A classic token of an owner of the organization. */
export const ownersToken = (token: string): UserToken => ({ token, role: 'admin', scopes: RUNBOOK_SCOPES });

interface UserSite {
  bank: Bank;
  limits: PublishedLimits | undefined;
  now: () => Date;
}

/** The callers that present user tokens, by token. @throws BankError when one of the repositories does not exist. */
export function createUsers(tokens: readonly UserToken[], site: UserSite): ReadonlyMap<string, Caller> {
  const { bank, limits, now } = site;
  return new Map(
    tokens.map(({ token, role, scopes, repositories }): [string, Caller] => [
      token,
      {
        kind: 'user',
        name: `user ID ${VIEWER.id}`,
        allowance: limits === undefined ? undefined : createAllowance({ limits, now }),
        selection: repositories && idsOfRepositories(repositories, bank, 'A token is limited to'),
        role,
        scopes,
      },
    ]),
  );
}
