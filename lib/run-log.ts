import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { resourceNames, SCHEDULE_SKIPPED } from '../functions/contract.ts';
import type { Settings } from './settings.ts';

export const LOG_RETENTION = RetentionDays.THREE_MONTHS;

/** The one log that tells the story of a run, whichever function writes a line of it. */
export class RunLog extends Construct {
  readonly group: LogGroup;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.group = new LogGroup(this, 'Group', {
      logGroupName: resourceNames(stage).logGroup,
      retention: LOG_RETENTION,
    });
    new MetricFilter(this, 'SchedulesSkipped', {
      logGroup: this.group,
      filterPattern: FilterPattern.stringValue('$.event', '=', SCHEDULE_SKIPPED),
      metricNamespace: 'ItemSync',
      metricName: `SchedulesSkipped-${stage}`,
    });
  }
}
