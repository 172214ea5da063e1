import { describe, expect, it } from 'vitest';
import type { Hook } from '../../../../local/github/bank/entities.ts';
import { Refusal } from '../../../../local/github/refusal.ts';
import {
  assertHookAllowed,
  type HookDraft,
  parseHookConfigUpdate,
  parseHookUpdate,
  parseNewHook,
} from '../../../../local/github/rest/hook-request.ts';

const URL_HERE = 'http://127.0.0.1:4510/webhook';
const CONFIG = { url: URL_HERE, content_type: 'json', insecure_ssl: '0' } as const;

const hook = (changes: Partial<Hook> = {}): Hook => ({
  id: 1,
  active: true,
  events: ['push'],
  config: { ...CONFIG, secret: 'before' },
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  lastResponseCode: 202,
  ...changes,
});

const refusalOf = (work: () => unknown): Refusal => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('parseNewHook', () => {
  it("uses GitHub's defaults for omitted fields", () => {
    expect(parseNewHook({ config: { url: URL_HERE } }, 'repository')).toEqual({
      active: true,
      events: ['push'],
      config: { url: URL_HERE, content_type: 'form', insecure_ssl: '0' },
    });
  });

  it('uses the given fields', () => {
    const config = { url: URL_HERE, content_type: 'json', insecure_ssl: 1, secret: 's' };
    const body = { name: 'web', active: false, events: ['push', 'create', 'push'], config };
    expect(parseNewHook(body, 'repository')).toEqual({
      active: false,
      events: ['push', 'create'],
      config: { ...CONFIG, insecure_ssl: '1', secret: 's' },
    });
  });

  it.each([
    { body: {}, fault: { code: 'custom', message: 'Config must contain URL for webhooks' } },
    {
      body: { config: { url: '' } },
      fault: { code: 'custom', message: 'Config must contain URL for webhooks' },
    },
    { body: { config: { url: '/webhook' } }, fault: { code: 'custom' } },
    { body: { config: { url: 'ftp://example.org/' } }, fault: { code: 'custom' } },
    { body: { config: CONFIG, name: 'email' }, fault: { code: 'invalid', field: 'name' } },
    { body: { config: CONFIG, events: ['pushed'] }, fault: { code: 'invalid', field: 'events' } },
    { body: { config: CONFIG, events: 'push' }, fault: { code: 'invalid', field: 'events' } },
    { body: { config: CONFIG, active: 'yes' }, fault: { code: 'invalid', field: 'active' } },
  ])('refuses $body', ({ body, fault }) => {
    const refusal = refusalOf(() => parseNewHook(body, 'repository'));
    expect(refusal).toMatchObject({ status: 422, message: 'Validation Failed' });
    expect(refusal.errors).toEqual([expect.objectContaining({ resource: 'Hook', ...fault })]);
  });
});

describe('the events of a webhook', () => {
  it('are more for an organization than for a repository', () => {
    const body = { config: CONFIG, events: ['push', 'organization'] };
    expect(parseNewHook(body, 'organization').events).toEqual(['push', 'organization']);
    expect(refusalOf(() => parseNewHook(body, 'repository')).status).toBe(422);
  });
});

describe('parseHookUpdate', () => {
  it.each([
    { body: {}, expected: {} },
    { body: { active: false }, expected: { active: false } },
    { body: { events: ['create'] }, expected: { events: ['create'] } },
    { body: { add_events: ['create'] }, expected: { events: ['push', 'create'] } },
    { body: { add_events: ['create'], remove_events: ['push'] }, expected: { events: ['create'] } },
    { body: { config: CONFIG }, expected: { config: CONFIG } },
  ])('turns $body into $expected', ({ body, expected }) => {
    const { active, events, config } = hook();
    expect(parseHookUpdate(hook(), body, 'repository')).toEqual({ active, events, config, ...expected });
  });
});

describe('parseHookConfigUpdate', () => {
  it.each([
    { body: {}, expected: { ...CONFIG, secret: 'before' } },
    { body: { secret: 'after' }, expected: { ...CONFIG, secret: 'after' } },
    { body: { content_type: 'form' }, expected: { ...CONFIG, content_type: 'form', secret: 'before' } },
    { body: { secret: '' }, expected: CONFIG },
  ])('turns $body into $expected', ({ body, expected }) => {
    expect(parseHookConfigUpdate(hook(), body)).toMatchObject({ active: true, events: ['push'] });
    expect(parseHookConfigUpdate(hook(), body).config).toEqual(expected);
  });
});

describe('assertHookAllowed', () => {
  const draft = (changes: Partial<HookDraft> = {}): HookDraft => ({
    active: true,
    events: ['push'],
    config: { ...CONFIG, secret: 'another' },
    ...changes,
  });
  const crowd = (count: number, event: string) =>
    Array.from({ length: count }, (_, index) =>
      hook({ id: index, events: [event], config: { ...CONFIG, url: `${URL_HERE}/${index}` } }),
    );

  it.each([
    { case: 'another URL', other: hook({ config: { ...CONFIG, url: `${URL_HERE}/2` } }) },
    { case: 'another content type', other: hook({ config: { ...CONFIG, content_type: 'form' } }) },
    { case: 'other events', other: hook({ events: ['create'] }) },
  ])('allows a hook next to one with $case', ({ other }) => {
    expect(() => assertHookAllowed(draft(), [other], 'repository')).not.toThrow();
  });

  it('refuses the same config with a common event, whatever the secret', () => {
    const refusal = refusalOf(() =>
      assertHookAllowed(draft({ events: ['create', 'push'] }), [hook()], 'repository'),
    );
    expect(refusal.errors).toEqual([
      { resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' },
    ]);
  });

  it('names the organization in its refusal', () => {
    const refusal = refusalOf(() => assertHookAllowed(draft(), [hook()], 'organization'));
    expect(refusal.errors?.[0]?.message).toBe('Hook already exists on this organization');
  });

  it('allows 20 hooks for one event, and refuses the 21st', () => {
    expect(() => assertHookAllowed(draft(), crowd(19, 'push'), 'repository')).not.toThrow();
    expect(() => assertHookAllowed(draft(), crowd(20, 'create'), 'repository')).not.toThrow();
    const refusal = refusalOf(() => assertHookAllowed(draft(), crowd(20, 'push'), 'repository'));
    expect(refusal.errors?.[0]?.message).toBe('The "push" event cannot have more than 20 hooks');
  });
});
