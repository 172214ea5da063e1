import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import { makePrivateFolder, readStateFile, replaceFile } from '../files.ts';

interface StoredEntry {
  payload: AdapterPayload;
  /** Milliseconds since the epoch; null means never. */
  expiresAt: number | null;
}

/** Models that survive a restart. Access tokens are not stored, because they are verified by their signature. */
const STORED_MODELS = new Set(['RefreshToken', 'Grant']);

/**
 * Stores the models of oidc-provider in memory. Models that clients need after a restart are also written to a file,
 * completely each time, because one user has only a few refresh tokens.
 */
export function createGrantStore(stateFolder: string, now: () => number = Date.now): AdapterFactory {
  const path = join(stateFolder, 'grants.json');
  const entries = readEntries(path);
  const save = (): void => {
    for (const [key, { expiresAt }] of entries)
      if (expiresAt !== null && expiresAt <= now()) entries.delete(key);
    const stored = [...entries].filter(([key]) => STORED_MODELS.has(key.split(':', 1)[0] ?? ''));
    makePrivateFolder(stateFolder);
    replaceFile(path, JSON.stringify(stored));
  };
  const find = async (matches: (payload: AdapterPayload, key: string) => boolean) =>
    [...entries].find(([key, { payload }]) => matches(payload, key))?.[1].payload;

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

const Entries = z.array(
  z.tuple([z.string(), z.object({ payload: z.looseObject({}), expiresAt: z.number().nullable() })]),
);

function readEntries(path: string): Map<string, StoredEntry> {
  if (!existsSync(path)) return new Map();
  return new Map(readStateFile(path, Entries));
}
