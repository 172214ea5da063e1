import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ChangeEvents } from './change-events.ts';
import { GitHubSecret } from './github-secret.ts';
import { ItemSynchronization } from './item-synchronization.ts';
import { RunLog } from './run-log.ts';
import { Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { SyncApi } from './sync-api.ts';
import { Tables } from './tables.ts';

/** Everything that one stage consists of. */
export class ItemSyncStack extends Stack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, 'ItemSync', {
      stackName: `item-sync-${settings.stage}`,
      description: 'Item Synchronization Process: keeps a mirror of an item bank on GitHub',
    });
    const shared = {
      settings,
      log: new RunLog(this, 'RunLog', settings).group,
      tables: new Tables(this, 'Tables', settings),
      changeEvents: new ChangeEvents(this, 'ChangeEvents', settings).bus,
      githubSecret: new GitHubSecret(this, 'GitHubSecret', settings).secret,
    };
    const { stateMachine } = new ItemSynchronization(this, 'ItemSynchronization', shared);
    const { url } = new SyncApi(this, 'Api', { ...shared, stateMachine });
    new Schedule(this, 'Schedule', { ...shared, stateMachine });

    new CfnOutput(this, 'ApiUrl', { value: url });
    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'LogGroupName', { value: shared.log.logGroupName });
    new CfnOutput(this, 'JobExecutionsTableName', { value: shared.tables.jobExecutions.tableName });
    new CfnOutput(this, 'ItemsTableName', { value: shared.tables.items.tableName });
    new CfnOutput(this, 'ChangeEventBusName', { value: shared.changeEvents.eventBusName });
    new CfnOutput(this, 'GitHubSecretName', { value: shared.githubSecret.secretName });
  }
}
