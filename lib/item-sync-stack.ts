import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import type { BundleFolders } from './bundles.ts';
import { ChangeEvents } from './change-events.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { Deliveries } from './deliveries.ts';
import { DeliveryQueues } from './delivery-queues.ts';
import { GitHubSecret } from './github-secret.ts';
import { ItemSynchronization } from './item-synchronization.ts';
import { RunDashboard } from './run-dashboard.ts';
import { RunLog } from './run-log.ts';
import { RunNotifications } from './run-notifications.ts';
import { SavedQueries } from './saved-queries.ts';
import { Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { SyncApi } from './sync-api.ts';
import { Tables } from './tables.ts';
import { TokenIssuer } from './token-issuer.ts';
import type { TokenRules } from './token-settings.ts';

/** All resources of one stage. */
export class ItemSyncStack extends Stack {
  constructor(scope: Construct, settings: Settings, bundles: BundleFolders) {
    super(scope, `item-sync-${settings.stage}`, {
      description: 'Item Synchronization Process: keeps a mirror of an item bank on GitHub',
      terminationProtection: !settings.disposable,
    });
    const runLog = new RunLog(this, 'RunLog', settings);
    const shared = {
      settings,
      bundles,
      log: runLog.group,
      tables: new Tables(this, 'Tables', settings),
      changeEvents: new ChangeEvents(this, 'ChangeEvents', settings).bus,
      runTopic: new RunNotifications(this, 'RunNotifications', settings).topic,
      githubSecret: new GitHubSecret(this, 'GitHubSecret', settings).secret,
      tokenRules: settings.tokenRules ?? this.createTokenIssuer(settings),
      deadLetterQueue: new DeadLetterQueue(this, 'UndeliveredEvents', settings).queue,
      deliveryQueues: new DeliveryQueues(this, 'DeliveryQueues', settings),
    };
    const { stateMachine, batchesFailed, startsWhileRunning } = new ItemSynchronization(
      this,
      'ItemSynchronization',
      shared,
    );
    new Deliveries(this, 'Deliveries', shared);
    const { url, serverErrors, authorizerFailures } = new SyncApi(this, 'Api', { ...shared, stateMachine });
    new Schedule(this, 'Schedule', { ...shared, stateMachine });
    const { schedulesSkipped, reserveReached } = runLog;
    const alarms = new Alarms(this, 'Alarms', {
      ...shared,
      stateMachine,
      batchesFailed,
      startsWhileRunning,
      schedulesSkipped,
      reserveReached,
      serverErrors,
      authorizerFailures,
    });
    new SavedQueries(this, 'SavedQueries', { stage: settings.stage, log: shared.log });
    new RunDashboard(this, 'RunDashboard', { ...shared, alarms: alarms.all });

    this.addOutputs({
      ApiUrl: url,
      StateMachineArn: stateMachine.stateMachineArn,
      LogGroupName: shared.log.logGroupName,
      JobExecutionsTableName: shared.tables.jobExecutions.tableName,
      ItemsTableName: shared.tables.items.tableName,
      ChangeEventBusName: shared.changeEvents.eventBusName,
      RunTopicArn: shared.runTopic.topicArn,
      GitHubSecretName: shared.githubSecret.secretName,
      UndeliveredQueueUrl: shared.deadLetterQueue.queueUrl,
      DeliveryQueueUrl: shared.deliveryQueues.queue.queueUrl,
      FailedDeliveryQueueUrl: shared.deliveryQueues.failed.queueUrl,
    });
  }

  private createTokenIssuer(settings: Settings): TokenRules {
    const { tokenRules, tokenUrl, userPoolId, clientId } = new TokenIssuer(this, 'TokenIssuer', settings);
    this.addOutputs({ TokenUrl: tokenUrl, UserPoolId: userPoolId, TokenClientId: clientId });
    return tokenRules;
  }

  private addOutputs(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
