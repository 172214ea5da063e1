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

/** The changes that `gh repo` makes this way; it makes the others over REST. */
export function mutationsOf(context: QueryContext, nodeOf: NodeOf) {
  const { site } = context;
  const payload = ({ clientMutationId }: JsonObject, repository: Repository): JsonObject => ({
    clientMutationId: clientMutationId ?? null,
    repository: () => nodeOf(repository),
  });
  const update = (input: JsonObject, settings: JsonObject): JsonObject => {
    const repository = repositoryOfInput(input, context);
    const changed = obeyed(() => updateRepository(settings, repository, site));
    return payload(input, changed);
  };
  return {
    archiveRepository: ({ input }: Mutation) => update(input, { archived: true }),
    unarchiveRepository: ({ input }: Mutation) => update(input, { archived: false }),
    createRepository({ input }: Mutation) {
      assertOurs(input, site);
      const settings = settingsOf(input);
      const created = obeyed(() => createRepository(settings, site));
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

/** Without an owner it would be the viewer's own repository, which is no part of the bank. */
function assertOurs({ ownerId }: JsonObject, { store }: Site): void {
  const reference = parseNodeId(String(ownerId));
  const { id } = store.bank.organization;
  if (reference?.type === 'Organization' && reference.databaseId === id) return;
  throw unresolved(`a node with the global id of '${String(ownerId)}'`);
}

/** Nothing here depends on whether there is a wiki; `gh` always says. */
const UNDERSTOOD = new Set(
  'clientMutationId ownerId name description visibility hasIssuesEnabled hasWikiEnabled'.split(' '),
);

/** As the REST API names them. */
function settingsOf(input: JsonObject): JsonObject {
  const stranger = Object.keys(input).find((name) => Boolean(input[name]) && !UNDERSTOOD.has(name));
  if (stranger !== undefined) throw notSimulated(`the field ${stranger} of CreateRepositoryInput`);
  return {
    name: input['name'],
    description: input['description'],
    visibility: String(input['visibility']).toLowerCase(),
    has_issues: input['hasIssuesEnabled'],
  };
}

/** A refusal of the REST API, as GraphQL tells it. */
function obeyed(change: () => Repository): Repository {
  try {
    return change();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw typedError('UNPROCESSABLE', error.errors?.[0]?.message ?? error.message);
  }
}
