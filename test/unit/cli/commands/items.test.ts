import { describe, expect, it } from 'vitest';
import { type CliRequest, RUN, runCli } from '../../../support/cli.ts';

interface Item {
  itemBankId: number;
  repository: string;
  item: { itemId: string };
}

const view = (itemBankId: number, itemId: string, repository = `item-${itemId}`) => ({
  itemBankId,
  repository,
  archived: false,
  mirrored: true,
  item: { itemId, type: 'mc', subject: 'ELA' },
  freshness: {
    lastVerifiedAt: '2026-11-27T09:00:00.000Z',
    lastChangedAt: '2026-11-01T09:00:00.000Z',
    staleSince: null,
    deferredAt: null,
  },
  lastFailure: null,
});
const STALE = {
  ...view(1, '205030'),
  freshness: { ...view(1, '205030').freshness, staleSince: '2026-11-28T09:00:00.000Z' },
  lastFailure: {
    reason: 'ITEM_JSON_INVALID',
    message: 'the file has a merge conflict',
    since: '2026-11-28T09:00:00.000Z',
    at: '2026-11-28T09:00:00.000Z',
  },
};
const SYNCHRONIZED = {
  itemBankId: 1,
  repository: 'item-205030',
  outcome: 'updated',
  webhook: 'present',
  dryRun: false,
};

/** An API whose mirror has these items. */
const mirror =
  (...items: Item[]) =>
  ({ method, url }: CliRequest) => {
    if (method === 'POST') return { body: SYNCHRONIZED };
    const { itemId, repository } = Object.fromEntries(url.searchParams);
    if (url.pathname === '/items') {
      return {
        body: { items: items.filter((one) => one.item.itemId === itemId || one.repository === repository) },
      };
    }
    const one = items.find(({ itemBankId }) => url.pathname === `/items/${itemBankId}`);
    return one ? { body: one } : { status: 404, body: { code: 'ITEM_NOT_FOUND', detail: 'no such item' } };
  };

const posts = (requests: readonly CliRequest[]) =>
  requests.filter(({ method }) => method === 'POST').map(({ url }) => url.pathname);

describe('item', () => {
  it('shows why an item is stale, and what to do', async () => {
    const { exit, stdout } = await runCli(['item', '205030'], { answer: mirror(STALE) });
    expect(stdout).toBe(`Item 205030 (mc): stale since 2026-11-28 09:00:00 UTC, ITEM_JSON_INVALID
  item bank id  1
  repository    item-205030
  subject       ELA
  verified      2026-11-27 09:00:00 UTC
  changed       2026-11-01 09:00:00 UTC
  why           the file has a merge conflict
  what to do    Fix item.json.
`);
    expect(exit).toBe(0);
  });

  it('finds by item id, repository and item bank id, and shows an item once', async () => {
    const found = [view(7, '9'), view(9, '8')];
    const { stdout, stderr } = await runCli(['item', '9', '--json'], { answer: mirror(...found) });
    expect(JSON.parse(stdout).items).toEqual(found);
    expect(stderr).toBe('2 items match. Use --by to choose one kind of name.\n');
    const one = await runCli(['item', '9', '--json', '--by', 'item-bank-id'], { answer: mirror(...found) });
    expect(JSON.parse(one.stdout).items).toEqual([found[1]]);
    const same = await runCli(['item', '5', '--json'], { answer: mirror(view(5, '5')) });
    expect(JSON.parse(same.stdout).items).toHaveLength(1);
  });

  it.each(['0205030', '9007199254740993'])(
    'does not search for an item bank id that the API would reject: %s',
    async (name) => {
      const { requests } = await runCli(['item', name], { answer: mirror() });
      expect(requests.map(({ url }) => url.pathname)).toEqual(['/items', '/items']);
    },
  );

  it('looks up a name that is not a number by repository only', async () => {
    const { requests } = await runCli(['item', 'item-1'], { answer: mirror(view(5, '1')) });
    expect(requests.map(({ url }) => url.search)).toEqual(['?repository=item-1']);
  });

  it('passes on other errors', async () => {
    const { exit, stderr } = await runCli(['item', '5'], { answer: () => ({ status: 403, body: {} }) });
    expect(stderr).toMatch(/^The token lacks the scope/);
    expect(exit).toBe(1);
  });

  it('escapes text from outside', async () => {
    const answer = mirror(view(1, '1', 'item\u001b[31m'));
    const { stdout } = await runCli(['item', '1'], { answer });
    expect(stdout).toContain('item\\u001b[31m');
    const json = await runCli(['item', '1', '--json'], { answer: mirror(view(1, '1', 'a\u202eb\u{e0001}')) });
    expect(json.stdout).not.toMatch(/[\u202e\u{e0001}]/u);
    expect(JSON.parse(json.stdout).items[0].repository).toBe('a\u202eb\u{e0001}');
  });
});

describe('item --sync', () => {
  it('synchronizes the item with this name', async () => {
    const { exit, stdout, requests } = await runCli(['item', '205030', '--sync'], { answer: mirror(STALE) });
    expect(posts(requests)).toEqual(['/sync/1']);
    expect([exit, stdout]).toEqual([0, 'Item bank id 1 (item-205030): updated, webhook present\n']);
  });

  it('refuses a name that matches several items', async () => {
    const { exit, stderr, requests } = await runCli(['item', '9', '--sync'], {
      answer: mirror(view(7, '9'), view(9, '8')),
    });
    expect(stderr).toContain('Use --by item-bank-id with one of these ids: 7 (item-9), 9 (item-8).');
    expect([exit, posts(requests)]).toEqual([2, []]);
  });

  it.each([
    [['205030'], '/sync/205030'],
    [['205030', '--by', 'item-bank-id'], '/sync/205030'],
    [['205030', '--by', 'item-id'], '/sync/items/205030'],
  ])('%j that the mirror does not have is sent as %s', async (args, path) => {
    const { requests } = await runCli(['item', ...args, '--sync'], { answer: mirror() });
    expect(posts(requests)).toEqual([path]);
  });

  it('says how to find the id of a repository that the mirror does not have', async () => {
    const { exit, stderr, requests } = await runCli(['item', 'item-new', '--sync'], { answer: mirror() });
    expect(stderr).toContain('Use its item bank id: gh api repos/<organization>/item-new --jq .id');
    expect([exit, posts(requests)]).toEqual([1, []]);
  });

  it('exits with 1 if the item failed', async () => {
    const failed = { ...SYNCHRONIZED, outcome: 'failed', reason: 'FORBIDDEN', message: 'GitHub says no' };
    const { exit, stdout } = await runCli(['item', '205030', '--sync'], {
      answer: (request) => (request.method === 'POST' ? { body: failed } : mirror(STALE)(request)),
    });
    expect(stdout).toContain('  FORBIDDEN: GitHub says no\n  Check the permissions of the GitHub credential');
    expect(exit).toBe(1);
  });
});

describe('failures, changes and webhooks', () => {
  const entry = (itemBankId: number, outcome: string, webhooks = ['present', 'present']) => ({
    itemBankId,
    repository: `item-${itemBankId}`,
    outcome,
    webhookFound: webhooks[0],
    webhookLeft: webhooks[1],
  });
  const failed = (itemBankId: number) => ({
    ...entry(itemBankId, 'failed'),
    reason: 'FORBIDDEN',
    message: '=cmd()|"x",\u001b[0m',
    since: '2026-11-28T09:00:00.000Z',
  });
  /** An API with these items of a run, in pages of two. */
  const answer =
    (items: readonly { itemBankId: number; outcome: string }[], more: object = {}) =>
    ({ url }: CliRequest) => {
      if (url.pathname === '/executions') return { body: { executions: [RUN] } };
      const outcome = url.searchParams.get('outcome');
      const wanted = items.filter((item) => outcome === null || item.outcome === outcome);
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const next = from + 2 < wanted.length ? { next: String(from + 2) } : {};
      return { body: { items: wanted.slice(from, from + 2), ...next, ...more } };
    };

  it('failures reads all pages, and says what to do about each reason', async () => {
    const items = [1, 2, 3, 4, 5].map(failed);
    const { exit, stdout, stderr } = await runCli(['failures'], { answer: answer(items) });
    expect(stdout.split('\n')).toHaveLength(7);
    expect(stdout).toContain('5             item-5      FORBIDDEN  2026-11-28 09:00:00 UTC  =cmd()');
    expect(stderr).toBe(
      'Job execution 3: 5 failed items.\nFORBIDDEN: Check the permissions of the GitHub credential: item-sync doctor.\n',
    );
    expect(exit).toBe(0);
  });

  it('failures --csv is safe for spreadsheets and terminals', async () => {
    const { stdout } = await runCli(['failures', '3', '--csv'], { answer: answer([failed(1)]) });
    expect(stdout).toBe(
      'itemBankId,repository,reason,message,githubRequestId,since\r\n' +
        `1,item-1,FORBIDDEN,"'=cmd()|""x"",\\u001b[0m",,2026-11-28T09:00:00.000Z\r\n`,
    );
  });

  it('failures sends one request for each page, and none for single items', async () => {
    const { since: _, ...undated } = failed(3);
    const items = [failed(1), failed(2), undated];
    const { stdout, requests } = await runCli(['failures', '3', '--json'], { answer: answer(items) });
    expect(requests.map(({ url }) => url.pathname)).toEqual(['/executions/3/items', '/executions/3/items']);
    const found: { since: string | null }[] = JSON.parse(stdout).items;
    expect(found.map(({ since }) => since)).toEqual([failed(1).since, failed(2).since, null]);
    const text = await runCli(['failures', '3'], { answer: answer([undated]) });
    expect(text.stdout).toContain('3             item-3      FORBIDDEN  -      =cmd()');
  });

  it('failures --deferred lists what the run left to a later one', async () => {
    const items = [failed(1), { ...entry(2, 'deferred'), reason: 'DEADLINE', since: failed(1).since }];
    const { stdout, stderr } = await runCli(['failures', '3', '--deferred'], { answer: answer(items) });
    expect(stdout).toContain('2             item-2      DEADLINE  2026-11-28 09:00:00 UTC');
    expect(stderr).toMatch(/^Job execution 3: 1 deferred item\.\nDEADLINE: /);
  });

  it('a run without failures prints nothing but a note', async () => {
    const { exit, stdout, stderr } = await runCli(['failures', '3'], { answer: answer([]) });
    expect([exit, stdout, stderr]).toEqual([0, '', 'Job execution 3: 0 failed items.\n']);
  });

  it.each([['failures'], ['changes'], ['webhooks']])(
    '%s names the ids whose rows cannot be read',
    async (name) => {
      const { stdout, stderr } = await runCli([name, '3', '--json'], {
        answer: answer([], { unreadable: [9] }),
      });
      expect(stderr).toContain(
        'The rows of these ids cannot be read; a later release may have written them: 9.\n',
      );
      expect(JSON.parse(stdout)).toEqual({ jobExecutionId: 3, items: [], unreadable: [9] });
    },
  );

  it('changes lists what was created, updated, derived or removed', async () => {
    const outcomes = ['created', 'updated', 'derived', 'removed', 'failed', 'deferred', 'unchanged'];
    const items = outcomes.map((outcome, index) => entry(index + 1, outcome));
    const { stdout } = await runCli(['changes', '3', '--json'], { answer: answer(items) });
    expect(JSON.parse(stdout).items).toEqual(items.slice(0, 4));
  });

  it('webhooks lists those with a problem, and their state after the run', async () => {
    const items = [
      entry(1, 'unchanged', ['missing', 'created']),
      entry(2, 'unchanged', ['missing', 'missing']),
      entry(3, 'updated'),
      entry(4, 'updated', ['archived', 'archived']),
      {
        ...entry(5, 'updated', ['unchecked', 'unchecked']),
        webhookFailure: { reason: 'FORBIDDEN', message: 'no' },
      },
    ];
    const { stdout, stderr } = await runCli(['webhooks', '3'], { answer: answer(items) });
    expect(stdout.split('\n').slice(1, -1)).toEqual([
      '1             item-1      missing    created',
      '2             item-2      missing    missing',
      '5             item-5      unchecked  unchecked  FORBIDDEN: no',
    ]);
    expect(stderr).toBe('Job execution 3: 3 webhooks with a problem, 2 not fixed.\n');
  });

  it('outcomes that are no longer kept are an error, not an empty list', async () => {
    const detail = 'the outcomes were kept until 2026-11-28';
    const { exit, stdout, stderr } = await runCli(['failures', '3'], {
      answer: () => ({ status: 410, body: { code: 'EXECUTION_ITEMS_EXPIRED', detail } }),
    });
    expect([exit, stdout, stderr]).toEqual([1, '', `Not found: ${detail}.\n`]);
  });
});
