import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/contract.ts';
import type { Settings } from './settings.ts';

/** The history of job executions, and the mirror of the bank. Both outlive the stack. */
export class Tables extends Construct {
  readonly jobExecutions: Table;
  readonly items: Table;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    const { jobExecutionsTable, itemsTable } = resourceNames(stage);
    this.jobExecutions = new Table(this, 'JobExecutions', {
      tableName: jobExecutionsTable,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      ...COMMON,
    });
    this.items = new Table(this, 'Items', {
      tableName: itemsTable,
      partitionKey: { name: 'itemBankId', type: AttributeType.NUMBER },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      ...COMMON,
    });
  }
}

const COMMON = {
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
};
