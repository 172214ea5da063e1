import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Settings } from './settings.ts';

interface Protection {
  /** Of the tables and the user pool: they can be deleted only after a deployment that turns this off. */
  deletionProtection: boolean;
  pointInTimeRecovery: boolean;
  /** Of the resources that hold data, when the stack is deleted. */
  removalPolicy: RemovalPolicy;
  logRetention: RetentionDays;
}

/** How the data of a stage is protected. A disposable stage has no protection. */
export const protectionOf = ({ disposable }: Pick<Settings, 'disposable'>): Protection =>
  disposable ? DISPOSABLE : PROTECTED;

const PROTECTED: Protection = {
  deletionProtection: true,
  pointInTimeRecovery: true,
  // With RETAIN, resources of a failed first deployment would stay, and their names would block the next attempt.
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  logRetention: RetentionDays.THREE_MONTHS,
};

const DISPOSABLE: Protection = {
  deletionProtection: false,
  pointInTimeRecovery: false,
  removalPolicy: RemovalPolicy.DESTROY,
  logRetention: RetentionDays.ONE_WEEK,
};
