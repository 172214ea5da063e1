import { describe, expect, it } from 'vitest';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import type { Hook } from '../../../../functions/webhooks/hook-places.ts';
import { projectHookAmong, type WantedHook } from '../../../../functions/webhooks/project-hook.ts';

const URL = 'https://items.example.org/webhook';
const WANTED: WantedHook = { url: URL, events: ['push'], secretVersion: 'v2' };

function hook(id: number, { config, ...changes }: Partial<Hook> = {}): Hook {
  const whole = { url: URL, content_type: 'json', insecure_ssl: '0', secret: '********', ...config };
  return { id, active: true, events: ['push'], ...changes, config: whole };
}

const at = (id: number, url: string): Hook => hook(id, { config: { url } });
const known = (id: number, secretVersion?: string): KnownWebhook => ({
  state: 'present',
  id,
  ...(secretVersion !== undefined && { secretVersion }),
});
const ours = (hooks: Hook[], remembered?: KnownWebhook) => projectHookAmong(hooks, WANTED, remembered);

describe('the project webhook is', () => {
  it('the one that leads to the project', () => {
    expect(ours([at(1, 'https://ci.example.org/'), hook(2)])).toMatchObject({ hook: { id: 2 }, differs: [] });
  });

  it.each([
    ['with another scheme', 'http://items.example.org/webhook'],
    ['with a slash at the end', `${URL}/`],
    ['with the host in capitals', 'https://ITEMS.example.org/webhook'],
  ])('also one that leads there %s, which differs then', (_, url) => {
    expect(ours([at(1, url)])).toMatchObject({ hook: { id: 1 }, differs: ['url'] });
  });

  it.each([
    ['of the same path at another host', 'https://other.example.org/webhook'],
    ['at another port', 'https://items.example.org:8443/webhook'],
    ['of a path that ours begins', `${URL}/2`],
    ['with a query', `${URL}?for=others`],
    ['that is no URL', 'items.example.org/webhook'],
    ['that is empty', ''],
  ])('never one %s', (_, url) => {
    expect(ours([at(1, url)])).toBeUndefined();
  });

  it('never one without an address', () => {
    const { config, ...others } = hook(1);
    const { url: _, ...rest } = config;
    expect(ours([{ ...others, config: rest }])).toBeUndefined();
  });

  it('the one that is remembered, wherever it leads by now', () => {
    const moved = at(7, 'https://before.example.org/webhook');
    expect(ours([hook(3, { active: false }), moved], known(7))).toMatchObject({
      hook: { id: 7 },
      differs: ['url'],
      others: [3],
    });
  });

  it('of several the one that needs no repair, for GitHub lets no other become like it', () => {
    const form = hook(1, { config: { content_type: 'form' } });
    expect(ours([form, hook(2)])).toMatchObject({ hook: { id: 2 }, others: [1] });
    expect(ours([form, hook(2)], known(1))).toMatchObject({ hook: { id: 2 }, others: [1] });
  });

  it('of several that need repair the first, and before it one with the very address', () => {
    const [inactive, silent] = [hook(1, { active: false }), hook(2, { events: [] })];
    expect(ours([inactive, silent])).toMatchObject({ hook: { id: 1 }, others: [2] });
    expect(ours([at(9, `${URL}/`), silent])).toMatchObject({ hook: { id: 2 }, others: [9] });
  });
});

describe('a project webhook differs', () => {
  it.each<[string, Partial<Hook>, string[]]>([
    ['that is switched off', { active: false }, ['active']],
    ['that hears of nothing', { events: [] }, ['events']],
    ['that hears of more', { events: ['push', 'create'] }, ['events']],
    ['that hears of everything', { events: ['*'] }, ['events']],
    ['that sends forms', { config: { content_type: 'form' } }, ['contentType']],
    ['that does not look at certificates', { config: { insecure_ssl: '1' } }, ['insecureSsl']],
    ['that says so by a number', { config: { insecure_ssl: 1 } }, ['insecureSsl']],
    [
      'with all of it',
      { active: false, events: [], config: { content_type: 'form' } },
      ['active', 'events', 'contentType'],
    ],
  ])('%s', (_, changes, differs) => {
    expect(ours([hook(1, changes)])?.differs).toEqual(differs);
  });

  it('whose secret was ours before, and not when it is ours now', () => {
    expect(ours([hook(1)], known(1, 'v1'))?.differs).toEqual(['secret']);
    expect(ours([hook(1)], known(1, 'v2'))?.differs).toEqual([]);
  });

  it('without a secret, but not with one that others have set', () => {
    const { config, ...others } = hook(1);
    const { secret: _, ...unsigned } = config;
    expect(ours([{ ...others, config: unsigned }])?.differs).toEqual(['secret']);
    expect(ours([hook(1)])?.differs).toEqual([]);
    expect(ours([hook(1)], known(1))?.differs).toEqual([]);
    expect(ours([hook(1)], known(2, 'v1'))?.differs).toEqual([]);
  });

  it('not by the order of its events', () => {
    const wanted = { ...WANTED, events: ['push', 'repository'] };
    const events = ['repository', 'push'];
    expect(projectHookAmong([hook(1, { events })], wanted, undefined)?.differs).toEqual([]);
  });
});
