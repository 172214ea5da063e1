import { type Repository, timestamp } from '../bank/entities.ts';
import { createDraft } from '../bank/git/draft.ts';
import type { RefUpdate } from '../bank/git/histories.ts';
import { nodeId } from '../bank/node-id.ts';
import { nameFault } from '../bank/repository-name.ts';
import { Refusal, validationFailed } from '../refusal.ts';
import { FEATURES } from '../representations/repository.ts';
import type { JsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import { parseSignatures } from './git-request.ts';
import { assertWritable } from './push.ts';

/** Settings that can be changed. A request for another one is refused by name, unless it has the value in UNIFORM. */
const SETTINGS = new Set(['name', 'description', 'private', 'visibility']);
const CREATION_SETTINGS = new Set([...SETTINGS, 'auto_init']);
const UPDATE_SETTINGS = new Set([...SETTINGS, 'archived', 'default_branch']);
/** Settings that all repositories here have. Clients such as `gh` always send some of them. */
const UNIFORM = new Map<string, unknown>(Object.entries(FEATURES));

/** @throws Refusal 422 when the name is invalid or already in use */
export function createRepository(body: JsonObject, site: Site): Repository {
  assertKnownSettings(body, CREATION_SETTINGS, 'creates a repository with');
  const { bank } = site.store;
  const at = timestamp(site.now());
  const id = bank.nextRepositoryId();
  const repository: Repository = {
    id,
    nodeId: nodeId({ type: 'Repository', databaseId: id }),
    name: parseName(body['name']),
    description: parseDescription(body['description']),
    private: parsePrivate(body, false),
    archived: false,
    disabled: false,
    defaultBranch: 'main',
    size: 0,
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
  };
  assertNameIsFree(repository, site, 'Repository creation failed.');
  if (body['auto_init'] !== true) site.store.change({ type: 'repository-written', repository });
  const update = body['auto_init'] === true ? writeFirstCommit(repository, site) : undefined;
  site.deliveries.changed({ kind: 'created', repository });
  if (update) site.deliveries.push({ repository, updates: [update] });
  return bank.repositories.get(id) ?? repository;
}

function writeFirstCommit(repository: Repository, site: Site): RefUpdate {
  const draft = createDraft(site.store.bank.gitOf(repository.id));
  const readme = { mode: '100644', oid: draft.blob(Buffer.from(`# ${repository.name}\n`)) } as const;
  const tree = draft.tree(new Map([['README.md', readme]]));
  const signatures = parseSignatures({}, site.now());
  const oid = draft.commit({ tree, parents: [], message: 'Initial commit', ...signatures });
  const name = `refs/heads/${repository.defaultBranch}`;
  site.store.change({
    type: 'git-written',
    repository: { ...repository, size: 1 },
    objects: draft.objects,
    refs: [{ name, oid }],
  });
  return { name, oid, before: null };
}

/** @throws Refusal 403 when it is archived and the request does not unarchive it */
export function updateRepository(body: JsonObject, repository: Repository, site: Site): Repository {
  assertKnownSettings(body, UPDATE_SETTINGS, 'changes');
  const { archived = repository.archived, default_branch: branch = repository.defaultBranch } = body;
  if (typeof archived !== 'boolean') {
    throw validationFailed({ resource: 'Repository', field: 'archived', code: 'invalid' });
  }
  const changed: Repository = {
    ...repository,
    archived,
    name: body['name'] === undefined ? repository.name : parseName(body['name']),
    description:
      body['description'] === undefined ? repository.description : parseDescription(body['description']),
    private: parsePrivate(body, repository.private),
    defaultBranch: parseBranch(branch, repository, site),
    updatedAt: timestamp(site.now()),
  };
  if (archived) assertWritable(repository);
  assertNameIsFree(changed, site, 'Validation Failed');
  site.store.change({ type: 'repository-written', repository: changed });
  site.deliveries.changed({ kind: 'updated', before: repository, after: changed });
  return changed;
}

/** Takes effect at once, whereas GitHub transfers in the background. */
export function transferRepository(body: JsonObject, repository: Repository, site: Site): void {
  const { new_owner: owner, new_name: name } = body;
  if (typeof owner !== 'string' || owner === '') {
    throw new Refusal(422, 'Invalid request.\n\n"new_owner" wasn\'t supplied.');
  }
  if (owner.toLowerCase() === site.store.bank.organization.login.toLowerCase()) {
    throw new Refusal(422, 'Repositories cannot be transferred to the original owner');
  }
  const renamed = name === undefined ? repository.name : parseName(name);
  const after = { ...repository, owner, name: renamed, updatedAt: timestamp(site.now()) };
  // Before the change, with which the bank forgets the repository's webhooks.
  site.deliveries.changed({ kind: 'transferred', before: repository, after });
  site.store.change({ type: 'repository-transferred', repository: after });
}

function assertKnownSettings(body: JsonObject, known: ReadonlySet<string>, does: string): void {
  const unknown = Object.keys(body).filter(
    (name) => !known.has(name) && !/^(?:owner|repo|org)$/.test(name) && body[name] !== UNIFORM.get(name),
  );
  if (unknown.length === 0) return;
  const message = `The simulated GitHub ${does} only ${[...known].join(', ')}, not ${unknown.join(', ')}`;
  throw validationFailed({ resource: 'Repository', code: 'custom', message });
}

/** Like GitHub, replaces invalid characters by hyphens and removes `.git` from the end. */
function parseName(name: unknown): string {
  const place = { resource: 'Repository', field: 'name' };
  if (typeof name !== 'string' || name === '') throw validationFailed({ ...place, code: 'missing_field' });
  const written = name.replaceAll(/[^\w.-]/g, '-').replace(/\.git$/i, '');
  const fault = nameFault(written);
  if (fault === undefined) return written;
  throw validationFailed({ ...place, code: 'custom', message: `name ${fault}` });
}

const parseDescription = (description: unknown): string | null =>
  typeof description === 'string' && description !== '' ? description : null;

function parsePrivate({ private: isPrivate, visibility }: JsonObject, fallback: boolean): boolean {
  if (visibility !== undefined) return visibility !== 'public';
  return typeof isPrivate === 'boolean' ? isPrivate : fallback;
}

function parseBranch(branch: unknown, repository: Repository, site: Site): string {
  if (branch === repository.defaultBranch) return repository.defaultBranch;
  const { refs } = site.store.bank.gitOf(repository.id);
  if (typeof branch === 'string' && refs.has(`refs/heads/${branch}`)) return branch;
  const message = `The branch ${String(branch)} was not found. Please push that ref first or choose another branch.`;
  throw validationFailed({ resource: 'Repository', field: 'default_branch', code: 'invalid', message });
}

function assertNameIsFree({ id, name }: Repository, { store: { bank } }: Site, refusal: string): void {
  const holder = bank.repositoryNamed(bank.organization.login, name);
  if (holder === undefined || holder.id === id) return;
  const message = 'name already exists on this account';
  throw new Refusal(422, refusal, {
    errors: [{ resource: 'Repository', code: 'custom', field: 'name', message }],
  });
}
