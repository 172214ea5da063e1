import { Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ITEM_INDEXES, resourceNames } from '../functions/shared/contract/names.ts';
import { protectionOf } from './protection.ts';
import type { Settings } from './settings.ts';

/** The history of job executions, and the mirror of the item bank. Both outlive a stack that is not disposable. */
export class Tables extends Construct {
  readonly jobExecutions: Table;
  readonly items: Table;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { jobExecutionsTable, itemsTable } = resourceNames(settings.stage);
    const common = commonProps(settings);
    this.jobExecutions = new Table(this, 'JobExecutions', {
      tableName: jobExecutionsTable,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      ...common,
    });
    this.items = new Table(this, 'Items', {
      tableName: itemsTable,
      partitionKey: { name: 'itemBankId', type: AttributeType.NUMBER },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      ...common,
    });
    if (settings.disposable) {
      const reason = 'The data of a disposable stage is never restored.';
      Validations.of(this).acknowledge({ id: 'AwsSolutions-DDB3', reason });
    }
    for (const { name, attribute } of Object.values(ITEM_INDEXES)) {
      this.items.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: { name: attribute, type: AttributeType.STRING },
        // Readers look up keys here and then read the items. A copy of each item would double the cost of every write.
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }
}

function commonProps(settings: Settings) {
  const { deletionProtection, pointInTimeRecovery, removalPolicy } = protectionOf(settings);
  return {
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    deletionProtection,
    removalPolicy,
  };
}
