import type { Repository } from '../bank/entities.ts';
import { parseNodeId } from '../bank/node-id.ts';
import { isSeenBy } from '../callers.ts';
import { Refusal } from '../refusal.ts';
import type { JsonObject } from '../request.ts';
import { createRepository, updateRepository } from '../rest/repository-changes.ts';
import type { Site } from '../site.ts';
import { notSimulated, typedError, unresolved } from './errors.ts';
import type { QueryContext } from './query-context.ts';

type NodeOf = (repository: Repository) => JsonObject;

interface Mutation {
  input: JsonObject;
}

/** The mutations that `gh repo` uses; it makes all other changes with REST. */
export function mutationsOf(context: QueryContext, nodeOf: NodeOf) {
  const { site } = context;
  const payload = ({ clientMutationId }: JsonObject, repository: Repository): JsonObject => ({
    clientMutationId: clientMutationId ?? null,
    repository: () => nodeOf(repository),
  });
  const update = (input: JsonObject, settings: JsonObject): JsonObject => {
    const repository = repositoryOfInput(input, context);
    const changed = withGraphqlErrors(() => updateRepository(settings, repository, site));
    return payload(input, changed);
  };
  return {
    archiveRepository: ({ input }: Mutation) => update(input, { archived: true }),
    unarchiveRepository: ({ input }: Mutation) => update(input, { archived: false }),
    createRepository({ input }: Mutation) {
      assertOurs(input, site);
      const settings = settingsOf(input);
      const created = withGraphqlErrors(() => createRepository(settings, site));
      return payload(input, created);
    },
  };
}

function repositoryOfInput({ repositoryId }: JsonObject, { caller, site }: QueryContext): Repository {
  const reference = parseNodeId(String(repositoryId));
  const id = reference?.type === 'Repository' ? reference.databaseId : Number.NaN;
  const repository = isSeenBy(caller, id) ? site.store.bank.repositories.get(id) : undefined;
  if (repository === undefined) throw unresolved(`a node with the global id of '${String(repositoryId)}'`);
  return repository;
}

/** Without an owner, the repository would be the viewer's own, which is not part of the bank. */
function assertOurs({ ownerId }: JsonObject, { store }: Site): void {
  const reference = parseNodeId(String(ownerId));
  const { id } = store.bank.organization;
  if (reference?.type === 'Organization' && reference.databaseId === id) return;
  throw unresolved(`a node with the global id of '${String(ownerId)}'`);
}

/** `hasWikiEnabled` has no effect, but `gh` always sends it. */
const SUPPORTED = new Set(
  'clientMutationId ownerId name description visibility hasIssuesEnabled hasWikiEnabled'.split(' '),
);

/** Translates the input to settings of the REST API. */
function settingsOf(input: JsonObject): JsonObject {
  const unsupported = Object.keys(input).find((name) => Boolean(input[name]) && !SUPPORTED.has(name));
  if (unsupported !== undefined) throw notSimulated(`the field ${unsupported} of CreateRepositoryInput`);
  return {
    name: input['name'],
    description: input['description'],
    visibility: String(input['visibility']).toLowerCase(),
    has_issues: input['hasIssuesEnabled'],
  };
}

/** Converts a refusal of the REST API to an error of GraphQL. */
function withGraphqlErrors(change: () => Repository): Repository {
  try {
    return change();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw typedError('UNPROCESSABLE', error.errors?.[0]?.message ?? error.message);
  }
}
