import { PRICES } from '../prices.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { chartsOf } from './charts.ts';
import { brief, whole } from './numbers.ts';
import { awsTable, bundleTable, gitHubTable, table, targetTable, timeTable } from './tables.ts';

/** The whole report, in Markdown. */
export function reportOf(results: Results): string {
  return [
    '# Benchmark',
    about(results),
    ...(results.isQuick
      ? ['A quick run: smaller banks, and no target is judged by it.']
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
    'The product, its DynamoDB, the simulated GitHub, what counts and whoever is compared with it share these cores: ' +
    'where latency is low or many requests are in flight, they are what limits.'
  );
}

const TIME_NOTES = `Each answer of the simulated GitHub comes 100 ms late. The product runs in the embedded cloud, from the request to \`POST /sync\` to the end of its
execution; where it was measured several times, the one in the middle counts. What ran before has warmed its functions up, except for the empty mirror.

- **A** is the pattern of the service that this product replaces: page by page, then for each repository its webhooks, the commits of \`item.json\` and
  \`item.json\`, one request after another. It asks for a sample of the repositories, and the time is reckoned from them. It was timed without limits:
  with them, a bank of more than some 1,650 repositories has it wait for the next hour. It writes no database.
- **B** is the same with 50 requests in flight and without a thought of limits, for the whole bank. It goes on after a refusal.
- The **floor** is computed: every page, head and webhook must be asked for, each answer is 100 ms late, at most 100 requests are in flight, writes come
  one after another, and where limits are on, no more is asked in a minute or an hour than GitHub allows.`;

const GITHUB_NOTES =
  'Counted by the simulated GitHub. The quota is 5,000 REST requests and 5,000 GraphQL points an hour; where webhooks are looked at in rotation, others have left so little of the requests that a run looks at a seventh of them.';

const AWS_NOTES = `- **GB-seconds** are durations that the embedded cloud reports of each invocation, initialization included, times the configured memory. This machine is not Lambda's.
- **History events** are the lines of the state machine's log, which has the whole history. **Payloads** are the inputs and outputs of states.
- **Units** are what the DynamoDB engine says that each request consumed.
- **Peak of a worker** is the largest heap of one worker thread and the buffers beside it, sampled every 100 ms. A Lambda function has the rest of a Node
  process in addition, some 45 MB.
- Without latency, a scenario measures what this machine can do: the simulated GitHub and the DynamoDB engine take the larger part of it. Its mirror was
  filled beforehand with the rows that a run would have written, all with the fields of one item.`;

const BUNDLE_NOTES = 'Each import in a Node process that has just started.';

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

function apiOf({ load }: Results): string {
  if (!load) return 'Not measured.';
  const answers = Object.entries(load.answers).map(([answer, count]) => `- ${answer}: ${whole(count)}`);
  return [
    `${load.perSecond} requests a second for ${load.seconds} seconds, each at its time however late the answers are, over a mirror of ${whole(load.ids)} items. ` +
      `It begins after five seconds in which the functions start, and runs are under way meanwhile. 50 % within ${brief(load.p50Ms)} ms, 99 % within ${brief(load.p99Ms)} ms, all within ${brief(load.mostMs)} ms; ${load.wrong} wrong answers. ` +
      "The stage's own limit of requests is raised for this.",
    answers.join('\n'),
  ].join('\n\n');
}
