import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { BundleFolders } from './bundles.ts';
import type { DeliveryQueues } from './delivery-queues.ts';
import type { Settings } from './settings.ts';
import type { Tables } from './tables.ts';
import type { TokenRules } from './token-settings.ts';

/** What the constructs of a stage share. */
export interface Shared {
  settings: Settings;
  bundles: BundleFolders;
  /** The run log. */
  log: ILogGroup;
  tables: Tables;
  changeEvents: EventBus;
  /** Receives a notification about each finished run. */
  runTopic: Topic;
  githubSecret: Secret;
  tokenRules: TokenRules;
  deadLetterQueue: Queue;
  deliveryQueues: DeliveryQueues;
}
