import { randomBytes } from 'node:crypto';

export interface InstallationTokens {
  issue(): { token: string; expiresAt: Date };
  isValid(token: string): boolean;
}

const LIFE_MS = 3_600_000;

/** Tokens of GitHub's form, each good for an hour; a restart forgets them all. */
export function createInstallationTokens(now: () => Date): InstallationTokens {
  const expiries = new Map<string, number>();
  return {
    issue() {
      const token = `ghs_${randomBytes(27).toString('base64').replaceAll(/[+/]/g, '0')}`;
      const expiresAt = new Date(now().getTime() + LIFE_MS);
      expiries.set(token, expiresAt.getTime());
      return { token, expiresAt };
    },
    isValid: (token) => now().getTime() < (expiries.get(token) ?? 0),
  };
}
