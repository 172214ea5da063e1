import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

interface StoredEntry {
  payload: AdapterPayload;
  /** Milliseconds since the epoch; null is never. */
  expiresAt: number | null;
}

/** Refresh tokens and the grants behind them; access tokens are signed and need no store. */
const KEPT_MODELS = new Set(['RefreshToken', 'Grant']);

/**
 * What oidc-provider remembers, all in one map. What a client comes back with after a restart is also written to
 * a file, whole each time: one user's refresh tokens are few.
 */
export function createGrantStore(stateFolder: string, now: () => number = Date.now): AdapterFactory {
  const path = join(stateFolder, 'grants.json');
  const entries = readEntries(path);
  const save = (): void => {
    for (const [key, { expiresAt }] of entries)
      if (expiresAt !== null && expiresAt <= now()) entries.delete(key);
    const kept = [...entries].filter(([key]) => KEPT_MODELS.has(key.split(':', 1)[0] ?? ''));
    mkdirSync(stateFolder, { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  const find = async (wanted: (payload: AdapterPayload, key: string) => boolean) =>
    [...entries].find(([key, { payload }]) => wanted(payload, key))?.[1].payload;

  return (model): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : now() + expiresIn * 1000;
      entries.set(`${model}:${id}`, { payload, expiresAt });
      save();
    },
    find: async (id) => entries.get(`${model}:${id}`)?.payload,
    findByUid: (uid) => find((payload, key) => payload.uid === uid && key.startsWith(`${model}:`)),
    findByUserCode: (code) =>
      find((payload, key) => payload.userCode === code && key.startsWith(`${model}:`)),
    async consume(id) {
      const entry = entries.get(`${model}:${id}`);
      if (entry !== undefined) entry.payload = { ...entry.payload, consumed: Math.floor(now() / 1000) };
      save();
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`);
      save();
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      save();
    },
  });
}

function readEntries(path: string): Map<string, StoredEntry> {
  if (!existsSync(path)) return new Map();
  const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(stored)) throw new Error(`${path} holds no grants. Delete it to start without any.`);
  return new Map(stored as [string, StoredEntry][]);
}
