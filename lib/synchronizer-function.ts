import { ENV } from '../functions/shared/contract/environment.ts';
import type { Shared } from './shared.ts';
import type { Environment, SyncFunction } from './sync-function.ts';

/** The environment of a function that calls GitHub. */
export function githubEnvironment({ settings, githubSecret }: Shared): Environment {
  return {
    [ENV.githubOrganization]: settings.organization,
    [ENV.githubApiUrl]: settings.githubApiUrl,
    [ENV.githubSecretId]: githubSecret.secretArn,
    [ENV.githubLimits]: settings.githubLimits,
    [ENV.webhookScope]: settings.webhookScope,
  };
}

/** The environment of a function that synchronizes items. */
export function synchronizerEnvironment(shared: Shared): Environment {
  return {
    ...githubEnvironment(shared),
    [ENV.projectWebhookUrl]: shared.settings.projectWebhookUrl,
    [ENV.itemsTable]: shared.tables.items.tableName,
    [ENV.changeEventBus]: shared.changeEvents.eventBusName,
  };
}

/** Allows a function to call GitHub, synchronize items and publish their changes. */
export function grantSynchronization(
  synchronizer: SyncFunction,
  { tables, changeEvents, githubSecret }: Shared,
): void {
  synchronizer.grantTable(tables.items, [
    'BatchGetItem',
    'Query',
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'ConditionCheckItem',
  ]);
  // To find other repositories with the same item id.
  synchronizer.grantIndexes(tables.items, 'Query', ['byItemId']);
  synchronizer.grantPublish(changeEvents);
  synchronizer.grantSecretRead(githubSecret);
}
