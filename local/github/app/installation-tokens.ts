import { randomBytes } from 'node:crypto';

export interface InstallationTokens {
  issue(): { token: string; expiresAt: Date };
  isValid(token: string): boolean;
}

const LIFETIME_MS = 3_600_000;

/** Issues tokens in GitHub's format, valid for an hour. They are lost on restart. */
export function createInstallationTokens(now: () => Date): InstallationTokens {
  const expiries = new Map<string, number>();
  return {
    issue() {
      const token = `ghs_${randomBytes(27).toString('base64').replaceAll(/[+/]/g, '0')}`;
      const expiresAt = new Date(now().getTime() + LIFETIME_MS);
      expiries.set(token, expiresAt.getTime());
      return { token, expiresAt };
    },
    isValid: (token) => now().getTime() < (expiries.get(token) ?? 0),
  };
}
