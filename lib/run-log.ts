import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { RESERVE_REACHED, SCHEDULE_SKIPPED } from '../functions/shared/contract/log-line.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { countLines } from './line-metric.ts';
import { protectionOf } from './protection.ts';
import type { Settings } from './settings.ts';

/** The run log: every function writes to it, so that one log shows a whole run. */
export class RunLog extends Construct {
  readonly group: LogGroup;
  /** Counts scheduled starts that were skipped because a run was in progress. */
  readonly schedulesSkipped: Metric;
  /** How many times a function stopped because GitHub's quota was down to the reserve. */
  readonly reserveReached: Metric;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { stage } = settings;
    const { logRetention, removalPolicy } = protectionOf(settings);
    this.group = new LogGroup(this, 'Group', {
      logGroupName: resourceNames(stage).logGroup,
      retention: logRetention,
      removalPolicy,
    });
    this.schedulesSkipped = countLines(this.group, {
      name: 'SchedulesSkipped',
      stage,
      pattern: FilterPattern.stringValue('$.event', '=', SCHEDULE_SKIPPED),
    });
    this.reserveReached = countLines(this.group, {
      name: 'QuotaReserveReached',
      stage,
      pattern: FilterPattern.allTerms(RESERVE_REACHED),
    });
  }
}
