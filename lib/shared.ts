import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Settings } from './settings.ts';
import type { Tables } from './tables.ts';

/** What the constructs of a stage have in common. */
export interface Shared {
  settings: Settings;
  /** The log of a run. */
  log: ILogGroup;
  tables: Tables;
  changeEvents: EventBus;
  githubSecret: Secret;
}
