import { type Bank, createBank } from './bank.ts';
import { BankError } from './bank-error.ts';
import type { BlobReader } from './blob-files.ts';
import { type Hook, type Organization, type Repository, timestamp } from './entities.ts';
import type { HistoryOrigin } from './git/histories.ts';
import { placeInSet } from './items/item-types.ts';
import { seededHistory } from './items/seeded-history.ts';
import { legacyNodeId, nodeId } from './node-id.ts';
import { createRandom, type Random } from './random.ts';

/** What a bank is created from. The same values result in the same bank on every machine. */
export interface BankOrigin {
  readonly organization: string;
  readonly seed: number;
  readonly repositories: number;
  readonly withoutProjectWebhook: number;
  readonly projectWebhookUrl: string;
  /** The secret of all webhooks of a new bank. */
  readonly projectWebhookSecret: string;
  /** Imports the repositories from this folder instead of making them up. */
  readonly itemBankFolder?: string;
}

/** From the ids of 2018 to below 2^31, because GraphQL's `databaseId` is a signed 32-bit integer. */
export const REPOSITORY_IDS = { from: 131_000_000, to: 1_090_000_000 };
const ITEM_NUMBERS = { from: 180_000, to: 230_000 };
const CREATED = { from: Date.UTC(2018, 4, 9), to: Date.UTC(2026, 9, 30) };
/** The latest date in a seeded bank, which must not depend on the day when it is created. */
const LAST_PUSH = Date.UTC(2026, 10, 20);
/** Older repositories have node ids of the legacy form. */
const NEWER_NODE_IDS_SINCE = Date.UTC(2021, 5, 1);
/** When the authoring tool started to use the field names of its fifth version. */
const NEWER_FIELD_NAMES_SINCE = Date.UTC(2022, 0, 1);
const ITEM_NAME_PREFIX = 'item-';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** About one repository in sixty also has the webhook of a build server. */
const CI_HOOK_SHARE = 1 / 60;
const CI_HOOK_URL = 'https://ci.example.org/hooks/github';
export const FIRST_HOOK_ID = 412_000_000;

/**
 * The bank before any change.
 *
 * @param readBlob reads the contents of blobs that later changes add as files.
 * @throws BankError when `withoutProjectWebhook` exceeds the number of repositories.
 */
export function seedBank(origin: BankOrigin, readBlob?: BlobReader): Bank {
  const { repositories: count, withoutProjectWebhook } = origin;
  if (withoutProjectWebhook > count) {
    throw new BankError(
      `${withoutProjectWebhook} repositories should lack the project webhook, but the bank has only ${count}`,
    );
  }
  const repositories = seedRepositories(origin);
  return createBank({
    organization: seedOrganization(origin),
    repositories,
    hooks: seedHooks(origin, repositories),
    history: historyOrigin(origin, repositories),
    ...(readBlob && { readBlob }),
  });
}

/** Creates histories on demand from the position of the repository in the order of creation. */
function historyOrigin({ seed }: BankOrigin, repositories: readonly Repository[]): HistoryOrigin {
  const indexes = new Map(repositories.map(({ id }, index) => [id, index]));
  const itemIdAt = (index: number | undefined): string | null => {
    const repository = index === undefined ? undefined : repositories[index];
    return repository === undefined ? null : String(itemNumber(repository));
  };
  return (repositoryId) => {
    const index = indexes.get(repositoryId);
    const repository = index === undefined ? undefined : repositories[index];
    if (index === undefined || repository === undefined) return undefined;
    const { type, subject, course, stimulusIndex, tutorialIndex } = placeInSet(index);
    const traits = {
      seed,
      number: itemNumber(repository),
      type,
      subject,
      names: Date.parse(repository.createdAt) < NEWER_FIELD_NAMES_SINCE ? 'older' : 'newer',
      stimulusId: itemIdAt(stimulusIndex),
      tutorialId: itemIdAt(tutorialIndex),
    } as const;
    return seededHistory({ traits, course, repository });
  };
}

const itemNumber = ({ name }: Repository): number => Number(name.slice(ITEM_NAME_PREFIX.length));

function seedOrganization({ organization: login, seed }: BankOrigin): Organization {
  const id = createRandom(seed, `organization ${login}`).integer(39_000_000, 39_999_999);
  const createdAt = timestamp(new Date(CREATED.from - 24 * HOUR_MS));
  return { id, nodeId: legacyNodeId({ type: 'Organization', databaseId: id }), login, createdAt };
}

function seedRepositories({ seed, repositories: count }: BankOrigin): Repository[] {
  const ids = ascending(REPOSITORY_IDS, count, createRandom(seed, 'ids'));
  const created = ascending(CREATED, count, createRandom(seed, 'created'));
  // Item numbers are assigned independently, so that the order of names is not the order of creation.
  const spread = { from: ITEM_NUMBERS.from, to: Math.max(ITEM_NUMBERS.to, ITEM_NUMBERS.from + 2 * count) };
  const numbers = createRandom(seed, 'names').shuffled(
    ascending(spread, count, createRandom(seed, 'numbers')),
  );
  const dates = createRandom(seed, 'dates');
  return ids.map((id, index) =>
    seedRepository({ id, number: numbers[index] ?? 0, createdAt: created[index] ?? 0, random: dates }),
  );
}

interface RepositorySeed {
  id: number;
  number: number;
  createdAt: number;
  random: Random;
}

function seedRepository({ id, number, createdAt, random }: RepositorySeed): Repository {
  // Most items are written within weeks and rarely changed later. The cube moves the last push towards the creation.
  const pushedAt = createdAt + 10 * MINUTE_MS + random.fraction() ** 3 * (LAST_PUSH - createdAt);
  const idOf = createdAt < NEWER_NODE_IDS_SINCE ? legacyNodeId : nodeId;
  return {
    id,
    nodeId: idOf({ type: 'Repository', databaseId: id }),
    name: `${ITEM_NAME_PREFIX}${number}`,
    description: null,
    private: true,
    archived: false,
    disabled: false,
    defaultBranch: 'main',
    size: random.integer(12, 900),
    createdAt: timestamp(new Date(createdAt)),
    updatedAt: timestamp(new Date(pushedAt + random.integer(1, 9) * 1000)),
    pushedAt: timestamp(new Date(pushedAt)),
  };
}

function seedHooks(
  { seed, withoutProjectWebhook, projectWebhookUrl, projectWebhookSecret: secret }: BankOrigin,
  repositories: readonly Repository[],
): Map<number, Hook[]> {
  const missing = scattered(
    repositories.length,
    withoutProjectWebhook,
    createRandom(seed, 'without webhook'),
  );
  const random = createRandom(seed, 'hooks');
  let hookId = FIRST_HOOK_ID;
  const hook = (repository: Repository, url: string, events: readonly string[]): Hook => {
    hookId += random.integer(1, 9);
    const at = timestamp(new Date(Date.parse(repository.createdAt) + random.integer(2, 50) * 1000));
    const config = { url, content_type: 'json', insecure_ssl: '0', secret } as const;
    return { id: hookId, active: true, events, config, createdAt: at, updatedAt: at, lastResponseCode: 202 };
  };
  return new Map(
    repositories.map((repository, index) => {
      const hooks: Hook[] = [];
      if (random.fraction() < CI_HOOK_SHARE)
        hooks.push(hook(repository, CI_HOOK_URL, ['push', 'pull_request']));
      if (!missing.has(index)) hooks.push(hook(repository, projectWebhookUrl, ['push']));
      return [repository.id, hooks] as const;
    }),
  );
}

/** Ascending integers, spread over the whole range. */
function ascending(range: { from: number; to: number }, count: number, random: Random): number[] {
  const step = (range.to - range.from) / Math.max(count, 1);
  return Array.from({ length: count }, (_, index) => {
    return range.from + Math.floor(index * step + random.fraction() * Math.max(step - 1, 0));
  });
}

/** `count` of the indexes below `length`, one from each of `count` equal intervals. */
export function scattered(length: number, count: number, random: Random): Set<number> {
  return new Set(ascending({ from: 0, to: length }, count, random));
}
