import { PRICES } from '../prices.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { chartsOf } from './charts.ts';
import { brief, whole } from './numbers.ts';
import { awsTable, bundleTable, gitHubTable, table, targetTable, timeTable } from './tables.ts';

/** The report in Markdown. */
export function reportOf(results: Results): string {
  return [
    '# Benchmark',
    about(results),
    ...(results.isQuick
      ? ['A quick run with small banks. Its results say nothing about the targets.']
      : ['## Targets', targetTable(results)]),
    ...Object.keys(chartsOf(results)).map((file) => `![${file}](${file})`),
    '## Time',
    timeTable(results),
    TIME_NOTES,
    ...failures(results),
    '## GitHub',
    gitHubTable(results),
    GITHUB_NOTES,
    '## AWS',
    awsTable(results),
    AWS_NOTES,
    priceTable(),
    '## Memory of a worker',
    memoryOf(results),
    '## API',
    apiOf(results),
    '## Bundles',
    bundleTable(results),
    BUNDLE_NOTES,
    '',
  ].join('\n\n');
}

function about({ at, seconds, machine }: Results): string {
  const { cpu, cores, node, system } = machine;
  return (
    `Measured on ${at.slice(0, 10)} in ${whole(seconds)} seconds, on ${cores} cores (${cpu}), ${system}, Node ${node}. ` +
    'The product, its DynamoDB, the simulated GitHub, the meters and the scripts for comparison share these cores. ' +
    'With low latency or many requests in flight, the cores are the bottleneck.'
  );
}

const TIME_NOTES = `Each answer of the simulated GitHub takes 100 ms. The product runs in the embedded cloud, and is measured from the request to \`POST /sync\` to the end
of its execution. If a scenario was measured several times, the median counts. Earlier runs have warmed up the functions, except for the empty mirror.

- **A** is the pattern of the service that this product replaces: list page by page; then, for each repository, read its webhooks, the commits of
  \`item.json\` and \`item.json\`, one request after another. A sample of the repositories is measured, and the time for all is computed from it. A is
  measured without limits: with them, it has to wait for the next hour in a bank of more than about 1,650 repositories. It writes to no database.
- **B** sends the same requests for the whole bank with 50 in flight and no regard for limits. It goes on after a refusal.
- The **floor** is computed: every page, head and webhook is requested once, each answer takes 100 ms, at most 100 requests are in flight, writes are
  serial, and with limits on no minute and no hour exceeds GitHub's limits.`;

const GITHUB_NOTES =
  'Counted by the simulated GitHub. The quota is 5,000 REST requests and 5,000 GraphQL points an hour; with webhooks in rotation, others have used so many requests that a run checks a seventh of the webhooks.';

const AWS_NOTES = `- **GB-seconds** are the durations that the embedded cloud reports for each invocation, including initialization, times the configured memory. Lambda's
  processors differ from those of this machine.
- **History events** are the lines of the state machine's log, which contains the whole history. **Payloads** are the inputs and outputs of states.
- **Units** are those that the DynamoDB engine reports for each request.
- **Peak of a worker** is the largest heap of one worker thread and its external buffers, sampled every 100 ms. A Lambda function also needs about 45 MB
  for the rest of its Node process.
- Scenarios without latency measure what this machine can do. The simulated GitHub and the DynamoDB engine take the larger part of the time. Their mirror
  was filled with the rows that a run would have written, all with the fields of one item.`;

const BUNDLE_NOTES = 'Each bundle is imported in a new Node process.';

function priceTable(): string {
  return table(
    [
      { title: 'price in us-east-1', of: ({ what }: (typeof PRICES)[number]) => what },
      { title: 'dollars', of: ({ dollars, per }) => `${dollars} for ${whole(per)}` },
      { title: 'source', of: ({ source }) => source, isText: true },
      { title: 'read', of: ({ read }) => read, isText: true },
    ],
    PRICES,
  );
}

function failures({ scenarios }: Results): string[] {
  const failed = scenarios.filter((scenario): scenario is ScenarioResult & { failure: string } =>
    Boolean(scenario.failure),
  );
  if (failed.length === 0) return [];
  return [failed.map(({ ids, title, failure }) => `- ${whole(ids)} ids, ${title}: ${failure}.`).join('\n')];
}

function memoryOf({ histories }: Results): string {
  if (!histories) return 'Not measured.';
  const { at, ids, smallCommits, largeCommits, processed, failed, invocations, seconds, peakBytes } =
    histories;
  return (
    `Measured on ${at.slice(0, 10)}: the function that synchronizes a batch, in a process of its own with the heap that Lambda gives it, and the simulated GitHub in another process. ` +
    `The batch has ${whole(ids)} items, and the mirror has none of them. One has ${whole(smallCommits)} commits of item.json, and one has ${whole(largeCommits)} commits of 1 MB each. ` +
    `The peak of the process (its resident set, with Node itself) was ${whole(peakBytes / 1_000_000)} MB, in ${whole(seconds)} seconds and ${whole(invocations)} invocation(s). ` +
    `${whole(processed)} items were processed, and ${whole(failed)} failed: the product does not read more than 5,000 commits.`
  );
}

function apiOf({ load }: Results): string {
  if (!load) return 'Not measured.';
  const answers = Object.entries(load.answers).map(([answer, count]) => `- ${answer}: ${whole(count)}`);
  return [
    `${load.perSecond} requests a second for ${load.seconds} seconds, sent at a fixed rate however late the answers are, with a mirror of ${whole(load.ids)} items. ` +
      `The measurement begins after five seconds in which the functions start. Runs are under way at the same time. 50 % within ${brief(load.p50Ms)} ms, 99 % within ${brief(load.p99Ms)} ms, all within ${brief(load.mostMs)} ms; ${load.wrong} wrong answers. ` +
      'The request limit of the API stage is raised for this.',
    answers.join('\n'),
  ].join('\n\n');
}
