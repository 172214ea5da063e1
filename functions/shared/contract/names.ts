import type { FunctionName } from './functions.ts';

const SERVICE_NAME = 'item-sync';

/** Spring Batch's names of the job and of its one step, as the operators' log shows them. */
export const JOB_NAME = 'itemSynchronizationJob';
export const STEP_NAME = 'itemSynchronizationStep';

/** Partition of the JobExecutions table with the lock and the records of all runs. Permissions name it. */
export const JOB_PARTITION = `JOB#${JOB_NAME}`;

/** Partition of the JobExecutions table with what its functions share about GitHub. Permissions name it. */
export const GITHUB_PARTITION = 'GITHUB';

/** Physical names by stage, so that two stages can share an account. */
export const resourceNames = (stage: string) => ({
  stateMachine: `${SERVICE_NAME}-${stage}`,
  jobExecutionsTable: `${SERVICE_NAME}-${stage}-job-executions`,
  itemsTable: `${SERVICE_NAME}-${stage}-items`,
  changeEventBus: `${SERVICE_NAME}-${stage}`,
  githubSecret: `${SERVICE_NAME}-${stage}/github`,
  api: `${SERVICE_NAME}-${stage}`,
  scheduleRule: `${SERVICE_NAME}-${stage}-schedule`,
  executionEndedRule: `${SERVICE_NAME}-${stage}-execution-ended`,
  undeliveredQueue: `${SERVICE_NAME}-${stage}-undelivered`,
  deliveryQueue: `${SERVICE_NAME}-${stage}-deliveries`,
  failedDeliveryQueue: `${SERVICE_NAME}-${stage}-failed-deliveries`,
  runTopic: `${SERVICE_NAME}-${stage}-runs`,
  dashboard: `${SERVICE_NAME}-${stage}`,
  /** The console shows a slash as a folder. */
  savedQuery: (title: string) => `${SERVICE_NAME}-${stage}/${title}`,
  userPool: `${SERVICE_NAME}-${stage}`,
  alarm: (failure: string) => `${SERVICE_NAME}-${stage}-${failure}`,
  function: (name: FunctionName) => `${SERVICE_NAME}-${stage}-${name}`,
  /** The one log of a run: every function writes here. */
  logGroup: `/${SERVICE_NAME}/${stage}`,
  // Step Functions and API Gateway add each log group to the account's log resource policy, which is limited to
  // 5,120 characters, unless the group's name starts with /aws/vendedlogs/.
  stateMachineLogGroup: `/aws/vendedlogs/states/${SERVICE_NAME}-${stage}`,
  apiLogGroup: `/aws/vendedlogs/apis/${SERVICE_NAME}-${stage}`,
});

/** Indexes of the Items table. Each has one attribute of the ITEM row as its key and projects the table's keys only. */
export const ITEM_INDEXES = {
  /** Every ITEM row has a repository name, so scanning this index visits every item exactly once. */
  byRepository: { name: 'by-repository', attribute: 'repositoryName' },
  byItemId: { name: 'by-item-id', attribute: 'itemId' },
  byStimulusId: { name: 'by-stimulus-id', attribute: 'stimulusId' },
} as const;
