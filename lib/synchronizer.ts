import { ENV, type EnvName } from '../functions/shared/contract/environment.ts';
import type { Shared } from './shared.ts';
import type { SyncFunction } from './sync-function.ts';

type Environment = Partial<Record<EnvName, string>>;

/** What a function needs to know to ask GitHub. */
export function githubEnvironment({ settings, githubSecret }: Shared): Environment {
  return {
    [ENV.githubOrganization]: settings.organization,
    [ENV.githubApiUrl]: settings.githubApiUrl,
    [ENV.githubSecretId]: githubSecret.secretArn,
    [ENV.githubLimits]: settings.githubLimits,
    [ENV.webhookScope]: settings.webhookScope,
  };
}

/** What a function needs to know to bring items up to date. */
export function synchronizerEnvironment(shared: Shared): Environment {
  return {
    ...githubEnvironment(shared),
    [ENV.projectWebhookUrl]: shared.settings.projectWebhookUrl,
    [ENV.itemsTable]: shared.tables.items.tableName,
    [ENV.changeEventBus]: shared.changeEvents.eventBusName,
  };
}

/** Allows a function to bring items up to date and to tell of it. */
export function maySynchronize(
  synchronizer: SyncFunction,
  { tables, changeEvents, githubSecret }: Shared,
): void {
  synchronizer.mayUse(tables.items, [
    'BatchGetItem',
    'Query',
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'ConditionCheckItem',
  ]);
  synchronizer.mayAnnounce(changeEvents);
  synchronizer.mayRead(githubSecret);
}
