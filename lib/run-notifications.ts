import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/** The topic for notifications about finished runs. People and other services subscribe to it. */
export class RunNotifications extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: resourceNames(stage).runTopic,
      displayName: 'Finished runs of the Item Synchronization Process',
      // The key that AWS manages, which every function in the account may use through SNS. A customer-managed key costs money.
      masterKey: Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
      enforceSSL: true,
    });
  }
}
