import { PRICES } from '../prices.ts';
import type { ArrivalFigures } from '../product/arrivals.ts';
import type { PushesFigures } from '../product/pushes.ts';
import type { CommandRun } from '../product/sync-command.ts';
import type { Results, ScenarioResult } from '../results.ts';
import { chartsOf } from './charts.ts';
import { brief, duration, orNothing, whole } from './numbers.ts';
import {
  awsTable,
  bundleTable,
  functionTable,
  gitHubTable,
  table,
  targetTable,
  timeTable,
} from './tables.ts';

/** The report in Markdown. */
export function reportOf(results: Results): string {
  return [
    '# Benchmark',
    about(results),
    ...(results.extent === 'quick'
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
    '## Functions',
    functionTable(results),
    FUNCTION_NOTES,
    '## Memory of a worker',
    memoryOf(results),
    '## API',
    apiOf(results),
    '## Pushes',
    pushesOf(results),
    '## The command',
    commandOf(results),
    '## Bundles',
    bundleTable(results),
    BUNDLE_NOTES,
    '',
  ].join('\n\n');
}

function about(results: Results): string {
  const { at, seconds, machine } = results;
  const { cpu, cores, node, system } = machine;
  return (
    `Measured on ${at.slice(0, 10)}${againOn(results)} in ${whole(seconds)} seconds, on ${cores} cores (${cpu}), ${system}, Node ${node}. ` +
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

const FUNCTION_NOTES =
  'Each function of a run in which nothing changes is invoked in a Node process of its own, with the heap that Lambda gives it, one function after another. ' +
  'The peak is the resident set of the whole process, and Node itself is what the process needs before it imports the function. ' +
  'The CPU time per id leaves out the first batches, in which the compiler is still at work. ' +
  'Functions of the API, and those that begin, end or close a run, read only a few rows.';

function apiOf({ load }: Results): string {
  if (!load) return 'Not measured.';
  const { ids, idle, duringRuns } = load;
  return [
    `${idle.perSecond} requests a second for ${idle.seconds} seconds, sent at a fixed rate however late the answers are, with a mirror of ${whole(ids)} items. ` +
      'The measurement begins after five seconds in which the functions start. It is made twice: while nothing else happens, and while runs are under way. ' +
      'The request limit of the API stage is raised for this.',
    table<{ name: string; load: ArrivalFigures }>(
      [
        { title: 'load', of: ({ name }) => name },
        { title: '50 % within, ms', of: ({ load }) => brief(load.p50Ms) },
        { title: '99 % within, ms', of: ({ load }) => brief(load.p99Ms) },
        { title: 'all within, ms', of: ({ load }) => brief(load.mostMs) },
        { title: 'wrong answers', of: ({ load }) => whole(load.wrong) },
        { title: 'answers', of: ({ load }) => answersOf(load), isText: true },
      ],
      [
        { name: 'idle', load: idle },
        { name: 'during runs', load: duringRuns },
      ],
    ),
  ].join('\n\n');
}

const answersOf = ({ answers }: ArrivalFigures): string =>
  Object.entries(answers)
    .map(([answer, count]) => `${answer}: ${whole(count)}`)
    .join(', ');

function pushesOf({ pushes }: Results): string {
  if (!pushes) return 'Not measured.';
  const { ids, oneByOne, steady, atOnce, idle, busy, bulk, receiver } = pushes;
  return (
    `Webhooks deliver each push to the embedded cloud, in a bank of ${whole(ids)} repositories without latency and limits. ` +
    'The first push after a start is left out.\n\n' +
    table<{ name: string; times: PushesFigures['idle'] }>(
      [
        { title: 'time', of: ({ name }) => name },
        { title: '50 % within, ms', of: ({ times }) => brief(times.p50Ms) },
        { title: '99 % within, ms', of: ({ times }) => brief(times.p99Ms) },
      ],
      [
        { name: `push to mirror, ${oneByOne} one after another`, times: idle },
        {
          name: `push to mirror, ${steady.perSecond} a second for ${steady.seconds} seconds`,
          times: busy,
        },
        { name: 'the receiver, for each delivery', times: receiver },
      ],
    ) +
    `\n\n${whole(atOnce)} pushes at once took ${duration(bulk.pushingSeconds)}, and the mirror had all of them after ${duration(bulk.seconds)}, ` +
    `with ${bulk.queriesPerPush.toFixed(3)} GraphQL queries per push and ${whole(bulk.limited)} answers 403 or 429.`
  );
}

function commandOf({ command }: Results): string {
  if (!command) return 'Not measured.';
  const { ids, first, unchanged } = command;
  return (
    `\`npm run sync\` with ${whole(ids)} simulated repositories, from its start to its end, without latency and limits. ` +
    'All its processes count: the functions, the DynamoDB engine, the simulated GitHub.\n\n' +
    table<{ name: string; run: CommandRun }>(
      [
        { title: 'run', of: ({ name }) => name },
        { title: 'time', of: ({ run }) => duration(run.seconds) },
        {
          title: 'peak of all processes, MB',
          of: ({ run }) => orNothing(run.peakBytes, (bytes) => whole(bytes / 1_000_000)),
        },
      ],
      [
        { name: 'the first', run: first },
        { name: 'unchanged', run: unchanged },
      ],
    )
  );
}

/** The days on which parts were measured again. */
export function againOn({ at, scenarios, functions, load, pushes, command, histories }: Results): string {
  const parts = [...scenarios, ...functions, load, pushes, command, histories];
  const days = new Set(parts.flatMap((part) => part?.at.slice(0, 10) ?? []));
  days.delete(at.slice(0, 10));
  return days.size === 0 ? '' : ` (parts of it again on ${[...days].toSorted().join(', ')})`;
}
