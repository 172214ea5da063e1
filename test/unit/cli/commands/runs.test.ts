import { describe, expect, it } from 'vitest';
import { type CliRequest, RUN, runCli, WORKING_RUN } from '../../../support/cli.ts';
import { skipPauses } from '../../../support/clock.ts';

const STARTED = {
  jobExecutionId: 4,
  name: 'itemSynchronizationJob',
  status: 'STARTING',
  message: 'Job execution 4 was started',
  executionArn: 'arn:4',
};
const PROBLEM = { status: 503, body: { message: 'Service Unavailable' } };

describe('start', () => {
  it.each([
    [[], { dryRun: false }],
    [['--dry-run'], { dryRun: true }],
    [['--removal-limit', '0'], { dryRun: false, removalLimitPercent: 0 }],
  ])('with %j sends %j', async (args, body) => {
    const { exit, stdout, requests } = await runCli(['start', ...args], {
      answer: () => ({ status: 202, body: STARTED }),
    });
    expect(requests).toMatchObject([{ method: 'POST', url: { pathname: '/sync' }, body }]);
    expect([exit, stdout]).toEqual([0, 'Job execution 4 was started.\n']);
  });

  it.each(['-1', '101', '5.5', 'all', ''])('refuses the removal limit %j', async (limit) => {
    const { exit, stderr, requests } = await runCli(['start', '--removal-limit', limit]);
    expect(stderr).toContain('It must be a whole number from 0 to 100.');
    expect([exit, requests]).toEqual([2, []]);
  });

  it('--json prints the answer of the API', async () => {
    const { stdout, stderr } = await runCli(['start', '--json'], { answer: () => ({ body: STARTED }) });
    expect(JSON.parse(stdout)).toEqual(STARTED);
    expect(stderr).toBe('Follow it: item-sync watch 4\n');
  });

  it.each([
    ['COMPLETED', 'COMPLETED', 0],
    ['COMPLETED_WITH_FAILURES', 'COMPLETED', 3],
    ['INCOMPLETE_LISTING', 'COMPLETED', 3],
    ['FAILED', 'FAILED', 1],
    ['STOPPED', 'STOPPED', 1],
    ['ABANDONED', 'ABANDONED', 1],
  ])('--wait follows the run to its end, and exits with that of %s', async (exitCode, status, code) => {
    skipPauses();
    const states = [{ ...WORKING_RUN, total: null, done: null }, WORKING_RUN, { ...RUN, exitCode, status }];
    const { exit, stdout, stderr } = await runCli(['start', '--wait'], {
      answer: ({ method }) => (method === 'POST' ? { body: STARTED } : { body: states.shift() }),
    });
    expect(stdout).toMatch(new RegExp(`^Job execution 3: ${exitCode}\\n`));
    expect(stderr).toBe(
      'Job execution 4 was started.\n905 of 1,811 item bank ids (49 %), remaining time not known yet\n',
    );
    expect(exit).toBe(code);
  });
});

describe('watch', () => {
  it('exits with 0 however the run ended, unless it has --exit-status', async () => {
    const answer = () => ({ body: { ...RUN, exitCode: 'FAILED', status: 'FAILED' } });
    expect((await runCli(['watch', '3'], { answer })).exit).toBe(0);
    expect((await runCli(['watch', '3', '--exit-status'], { answer })).exit).toBe(1);
  });

  it('reports once what the run waits for, and that it is stopping', async () => {
    skipPauses();
    const waits = [{ waitsFor: 'the hourly quota of GitHub', until: '2026-11-28T10:00:00.000Z' }];
    const states = [
      { ...WORKING_RUN, waits },
      { ...WORKING_RUN, waits },
      { ...WORKING_RUN, status: 'STOPPING' },
      RUN,
    ];
    const { stderr } = await runCli(['watch', '3'], { answer: () => ({ body: states.shift() }) });
    expect(stderr.split('\n')).toEqual([
      'Waiting for the hourly quota of GitHub, until 2026-11-28 10:00:00 UTC.',
      '905 of 1,811 item bank ids (49 %), remaining time not known yet',
      'The run is stopping: batches in progress finish first.',
      '',
    ]);
  });

  it('retries after temporary errors, such as during a deployment', async () => {
    skipPauses();
    const answers = [PROBLEM, PROBLEM, { status: 429, body: {} }, { body: RUN }];
    const { exit, stderr } = await runCli(['watch', '3'], { answer: () => answers.shift() ?? {} });
    expect([exit, stderr]).toEqual([0, '']);
  });

  it('gives up if the errors persist', async () => {
    skipPauses();
    const { exit, stderr, requests } = await runCli(['watch', '3'], { answer: () => PROBLEM });
    expect(stderr).toBe('The API is not available. Try again later.\n');
    expect([exit, requests.length]).toEqual([1, 31]);
  });

  it('says that the run is still running if it is interrupted', async () => {
    const ending = new AbortController();
    const { exit, stderr } = await runCli(['watch', '3'], {
      signal: ending.signal,
      answer: () => {
        queueMicrotask(() => ending.abort());
        return { body: WORKING_RUN };
      },
    });
    expect(stderr).toContain('Job execution 3 is still running.\n');
    expect(exit).toBe(130);
  });

  it('shows a bar with the remaining time on a terminal', async () => {
    skipPauses();
    const estimatedEnd = '2026-11-28T09:05:06.000Z';
    const states = [{ ...WORKING_RUN, estimatedEnd }, RUN];
    const { stderr } = await runCli(['watch', '3'], {
      isTTY: true,
      answer: () => ({ body: states.shift() }),
    });
    expect(stderr).toContain('905 of 1811, about 3 min 0 s left');
  });
});

describe('status', () => {
  it('shows who started a run, how it ended, and how many requests it used', async () => {
    const { stdout, stderr } = await runCli(['status', '3'], { answer: () => ({ body: RUN }) });
    expect(stdout).toBe(`Job execution 3: COMPLETED
  started   2026-11-28 09:00:01 UTC by the API (alice)
  ended     2026-11-28 09:02:06 UTC
  duration  2 min 5 s
  progress  1,811 of 1,811 item bank ids (100 %)
  message   Total item bank ids: 1811
  outcomes  1 created, 2 updated, 1,805 unchanged, 1 removed, 3 failed
  webhooks  1,801 present, 10 created; 10 were missing
  missed    1 change that no delivery reported
  requests  1,830 reads (1,830 forecast), 355 GraphQL queries (22 forecast), 10 writes, 0 refused
  console   https://us-east-1.console.aws.amazon.com/states/home
`);
    expect(stderr).toBe('');
  });

  it('shows how far a run is and when it will end', async () => {
    const run = {
      ...WORKING_RUN,
      estimatedEnd: '2026-11-28T09:04:00.000Z',
      restartOf: 2,
      dryRun: true,
      waits: [{ waitsFor: 'an outage of GitHub', until: '2026-11-28T09:03:00.000Z' }],
    };
    const { stdout } = await runCli(['status', '3'], { answer: () => ({ body: run }) });
    expect(stdout).toMatch(/^Job execution 3 \(dry run\): STARTED\n/);
    expect(stdout).toMatch(/^ {2}progress +905 of 1,811 item bank ids \(49 %\)$/m);
    expect(stdout).toMatch(/^ {2}ends +about 2026-11-28 09:04:00 UTC$/m);
    expect(stdout).toMatch(/^ {2}waits for +an outage of GitHub, until 2026-11-28 09:03:00 UTC$/m);
    expect(stdout).toMatch(/^ {2}restarts +job execution 2$/m);
  });

  it('says "no longer known" instead of zero', async () => {
    const forgotten = {
      ...RUN,
      ...{ done: null, total: null, outcomes: null, webhooks: null, requests: null },
      ...{ changedWithoutDelivery: null, itemsWithFieldIssues: null, requiringProjectWebhook: null },
    };
    const { stdout } = await runCli(['status', '3'], { answer: () => ({ body: forgotten }) });
    expect(stdout.match(/no longer known/g)).toHaveLength(4);
    expect(stdout).not.toMatch(/\b0\b.*(change|read)/);
  });

  it('without an id shows the newest run', async () => {
    const { requests } = await runCli(['status'], {
      answer: ({ url }) => ({ body: url.pathname === '/executions' ? { executions: [RUN] } : RUN }),
    });
    expect(requests.map(({ url }) => `${url.pathname}${url.search}`)).toEqual([
      '/executions?limit=1',
      '/executions/3',
    ]);
  });

  it('fails if there has been no run', async () => {
    const { exit, stdout, stderr } = await runCli(['status'], {
      answer: () => ({ body: { executions: [] } }),
    });
    expect(stderr).toBe('There has been no run yet. Start one: item-sync start\n');
    expect([exit, stdout]).toEqual([1, '']);
  });

  it('--json keeps members that it does not know', async () => {
    const body = { ...RUN, newMember: [1] };
    const { stdout } = await runCli(['status', '3', '--json'], { answer: () => ({ body }) });
    expect(JSON.parse(stdout)).toEqual(body);
  });

  it.each(['0', '-1', '1.5', 'x', '9007199254740993'])('refuses the id %j', async (id) => {
    const { exit, requests } = await runCli(['status', '--', id]);
    expect([exit, requests]).toEqual([2, []]);
  });
});

describe('runs', () => {
  /** A history of 250 runs, in pages of the size that is asked for. */
  const history = ({ url }: CliRequest) => {
    const from = Number(url.searchParams.get('cursor') ?? 250);
    const size = Number(url.searchParams.get('limit'));
    const ids = Array.from({ length: Math.min(size, from) }, (_, index) => from - index);
    const next = from - ids.length;
    return {
      body: {
        executions: ids.map((jobExecutionId) => ({ ...RUN, jobExecutionId })),
        ...(next > 0 && { next: String(next) }),
      },
    };
  };

  it('lists the newest, in a table', async () => {
    const { stdout } = await runCli(['runs', '--limit', '2'], { answer: history });
    expect(stdout).toBe(`run  started                  by   duration   state      ids    failed
250  2026-11-28 09:00:01 UTC  api  2 min 5 s  COMPLETED  1,811  3
249  2026-11-28 09:00:01 UTC  api  2 min 5 s  COMPLETED  1,811  3
`);
  });

  it.each([
    [150, 2, 150],
    [1_000, 3, 250],
  ])('reads %i runs in %i pages', async (limit, pages, found) => {
    const { stdout, requests } = await runCli(['runs', '--json', '--limit', String(limit)], {
      answer: history,
    });
    expect(JSON.parse(stdout).executions).toHaveLength(found);
    expect(requests).toHaveLength(pages);
  });

  it('passes on the filters, and continues after an empty page', async () => {
    const pages = [{ executions: [], next: 'a' }, { executions: [RUN] }];
    const args = ['runs', '--status', 'COMPLETED', '--day', '2026-11-28', '--trigger', 'api'];
    const { stdout, requests } = await runCli(args, { answer: () => ({ body: pages.shift() }) });
    expect(stdout).toContain('\n3 ');
    expect(Object.fromEntries(requests[1]?.url.searchParams ?? [])).toEqual({
      status: 'COMPLETED',
      day: '2026-11-28',
      trigger: 'api',
      limit: '20',
      cursor: 'a',
    });
  });

  it.each(['2026-02-30', '28.11.2026', 'yesterday'])('refuses the day %s', async (day) => {
    const { exit, stderr } = await runCli(['runs', '--day', day]);
    expect(stderr).toContain('It must be a day such as 2026-11-28 (UTC).');
    expect(exit).toBe(2);
  });

  it('says that no run matches, and which records cannot be read', async () => {
    const { exit, stdout, stderr } = await runCli(['runs'], {
      answer: () => ({ body: { executions: [], unreadable: [7] } }),
    });
    expect([exit, stdout]).toEqual([0, '']);
    expect(stderr).toContain('No run matches.\n');
    expect(stderr).toContain('a later release may have written them: 7.\n');
  });
});

describe('the newest run, if its record cannot be read', () => {
  it.each(['status', 'restart', 'stop', 'failures'])(
    'is not taken for the run before it: %s',
    async (command) => {
      const pages = [{ executions: [], unreadable: [4], next: 'a' }, { executions: [WORKING_RUN] }];
      const { exit, stderr, requests } = await runCli([command], { answer: () => ({ body: pages.shift() }) });
      expect([exit, stderr]).toEqual([
        1,
        'The record of the newest run cannot be read. Give the id of another run.\n',
      ]);
      expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
    },
  );
});

describe('stop, abandon and restart', () => {
  const control = {
    jobExecutionId: 3,
    status: 'STOPPING',
    message: 'Job execution 3 is stopping',
    stoppedBy: 'alice',
  };

  it.each([
    [['stop', '3'], 'POST', '/executions/3/stop'],
    [['abandon', '3'], 'PUT', '/executions/3/abandon'],
  ])('%j sends %s %s, and says who asked first', async (args, method, path) => {
    const { exit, stdout, requests } = await runCli(args, { answer: () => ({ body: control }) });
    expect(requests).toMatchObject([{ method, url: { pathname: path } }]);
    expect([exit, stdout]).toEqual([0, 'Job execution 3 is stopping. Requested by alice.\n']);
    const json = await runCli([...args, '--json'], { answer: () => ({ body: control }) });
    expect(JSON.parse(json.stdout)).toEqual(control);
  });

  it.each(['stop', 'abandon'])('%s without an id ends the run that is working', async (name) => {
    const { requests } = await runCli([name], {
      answer: ({ method }) => ({ body: method === 'GET' ? { executions: [WORKING_RUN] } : control }),
    });
    expect(requests.at(-1)?.url.pathname).toBe(`/executions/3/${name}`);
  });

  it.each(['stop', 'abandon'])('%s without an id ends nothing if no run is working', async (name) => {
    const { exit, stderr, requests } = await runCli([name], {
      answer: () => ({ body: { executions: [RUN] } }),
    });
    expect(stderr).toBe('No run is working, so there is nothing to end.\n');
    expect([exit, requests.length]).toEqual([1, 1]);
  });

  it('restart without an id restarts the newest run', async () => {
    const { stdout, requests } = await runCli(['restart'], {
      answer: ({ method }) => ({ body: method === 'POST' ? STARTED : { executions: [RUN] } }),
    });
    expect(requests.at(-1)?.url.pathname).toBe('/executions/3/restart');
    expect(stdout).toBe('Job execution 4 was started.\n');
  });
});
