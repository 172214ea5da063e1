import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Settings } from './settings.ts';

interface Protection {
  /** Whether nothing but a change of this setting lets the tables and the user pool be deleted. */
  deletionProtection: boolean;
  pointInTimeRecovery: boolean;
  /** What becomes of what holds data when the stack goes. */
  removalPolicy: RemovalPolicy;
  logRetention: RetentionDays;
}

/** How a stage keeps what it holds: well, unless it may be thrown away. */
export function protectionOf({ disposable }: Pick<Settings, 'disposable'>): Protection {
  return disposable ? THROWN_AWAY : KEPT;
}

const KEPT: Protection = {
  deletionProtection: true,
  pointInTimeRecovery: true,
  // Not RETAIN: what a first deployment has made before it fails would stay, and its name block the next.
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  logRetention: RetentionDays.THREE_MONTHS,
};

const THROWN_AWAY: Protection = {
  deletionProtection: false,
  pointInTimeRecovery: false,
  removalPolicy: RemovalPolicy.DESTROY,
  logRetention: RetentionDays.ONE_WEEK,
};
