import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/** The topic that receives a notification about each run that has ended. People and other services subscribe to it. */
export class RunNotifications extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: resourceNames(stage).runTopic,
      displayName: 'Finished runs of the Item Synchronization Process',
      // AWS's own key, which every function of the account may use through SNS. A key of one's own costs money.
      masterKey: Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
      enforceSSL: true,
    });
  }
}
