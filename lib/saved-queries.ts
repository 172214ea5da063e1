import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';

/** A query of CloudWatch Logs Insights over the run log. */
interface Query {
  /** For people. */
  title: string;
  fields: string[];
  filter?: string;
  stats?: string;
  sort?: string;
  limit?: number;
}

const NEWEST = '@timestamp desc';

/** The line of metrics that each run writes at its end. */
const RUN_LINE = 'ispresent(FullRuns)';

export const LAST_RUNS: Query = {
  title: 'last runs',
  fields: [
    '@timestamp',
    'run',
    'exitCode',
    'trigger',
    'RunDuration',
    'ItemsCreated',
    'ItemsUpdated',
    'ItemsUnchanged',
    'ItemsRemoved',
    'ItemsDeferred',
    'ItemsFailed',
  ],
  filter: RUN_LINE,
  sort: NEWEST,
  limit: 20,
};

export const FAILURES: Query = {
  title: 'failures by run',
  fields: ['@timestamp', 'jobExecutionId', 'message'],
  filter: 'message like /^failures: /',
  sort: NEWEST,
  limit: 20,
};

const QUERIES: readonly Query[] = [
  LAST_RUNS,
  FAILURES,
  {
    title: 'warnings and errors',
    fields: ['@timestamp', 'jobExecutionId', 'level', 'service', 'message'],
    filter: 'ispresent(message) and level in ["WARN", "ERROR"]',
    sort: NEWEST,
    limit: 200,
  },
  {
    title: 'updated and removed items',
    fields: ['@timestamp', 'jobExecutionId', 'message'],
    filter: 'message like /^(updated|removed) the item of item bank id/',
    sort: NEWEST,
    limit: 500,
  },
  {
    title: 'duration and requests against the forecast',
    fields: [
      '@timestamp',
      'run',
      'RunDuration',
      'RunDurationForecast',
      'GitHubReads',
      'GitHubQueries',
      'RestQuotaLeft',
    ],
    filter: RUN_LINE,
    sort: NEWEST,
    limit: 50,
  },
  {
    title: 'waiting for GitHub',
    fields: ['@timestamp', 'jobExecutionId', 'service', 'message'],
    filter: 'message like /(waiting|deferred) until/',
    sort: NEWEST,
    limit: 100,
  },
  {
    title: 'dropped deliveries by reason',
    fields: ['dropped'],
    filter: 'ispresent(dropped)',
    stats: 'count(*) by dropped',
  },
  {
    title: 'log of one run (change the number)',
    fields: ['@timestamp', 'level', 'service', 'message'],
    filter: 'jobExecutionId = 15 and ispresent(message)',
    sort: '@timestamp asc',
    limit: 10_000,
  },
];

/** The lines of a query, in the form that a dashboard widget needs. */
export function queryLines({ fields, filter, stats, sort, limit }: Query): string[] {
  return [
    `fields ${fields.join(', ')}`,
    ...(filter ? [`filter ${filter}`] : []),
    ...(stats ? [`stats ${stats}`] : []),
    ...(sort ? [`sort ${sort}`] : []),
    ...(limit ? [`limit ${limit}`] : []),
  ];
}

/** Queries about runs that are saved in CloudWatch Logs Insights. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { stage, log }: { stage: string; log: ILogGroup }) {
    super(scope, id);
    for (const query of QUERIES) {
      const { title, fields, filter, stats, sort, limit } = query;
      new QueryDefinition(this, title, {
        queryDefinitionName: resourceNames(stage).savedQuery(title),
        queryString: new QueryString({
          fields,
          ...(filter && { filterStatements: [filter] }),
          ...(stats && { statsStatements: [stats] }),
          ...(sort && { sort }),
          ...(limit && { limit }),
        }),
        logGroups: [log],
      });
    }
  }
}
