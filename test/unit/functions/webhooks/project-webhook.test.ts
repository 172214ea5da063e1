import { describe, expect, it } from 'vitest';
import type { KnownWebhook } from '../../../../functions/shared/contract/webhooks.ts';
import {
  findProjectWebhook,
  secretVersionOf,
  type WantedWebhook,
} from '../../../../functions/webhooks/project-webhook.ts';
import type { Webhook } from '../../../../functions/webhooks/read-webhooks.ts';

const URL = 'https://items.example.org/webhook';
const WANTED: WantedWebhook = {
  url: URL,
  events: [['push'], ['push', 'meta']],
  secretVersion: 'v2',
  isSecretRotating: false,
};

function webhook(id: number, { config, ...changes }: Partial<Webhook> = {}): Webhook {
  const whole = { url: URL, content_type: 'json', insecure_ssl: '0', secret: '********', ...config };
  return { id, active: true, events: ['push'], ...changes, config: whole };
}

const at = (id: number, url: string): Webhook => webhook(id, { config: { url } });
const known = (id: number, secretVersion?: string): KnownWebhook => ({
  state: 'present',
  id,
  ...(secretVersion !== undefined && { secretVersion }),
});
const ours = (webhooks: Webhook[], remembered?: KnownWebhook) =>
  findProjectWebhook(webhooks, WANTED, remembered);

describe('the project webhook', () => {
  it('is the one that points to this service', () => {
    expect(ours([at(1, 'https://ci.example.org/'), webhook(2)])).toMatchObject({
      webhook: { id: 2 },
      differs: [],
    });
  });

  it.each([
    ['with another scheme', 'http://items.example.org/webhook'],
    ['with a trailing slash', `${URL}/`],
    ['with the host in capitals', 'https://ITEMS.example.org/webhook'],
  ])('may point to this service %s, which is a difference', (_, url) => {
    expect(ours([at(1, url)])).toMatchObject({ webhook: { id: 1 }, differs: ['url'] });
  });

  it.each([
    ['with the same path at another host', 'https://other.example.org/webhook'],
    ['at another port', 'https://items.example.org:8443/webhook'],
    ['whose path only starts like ours', `${URL}/2`],
    ['with another query', `${URL}?for=others`],
    ['whose address is not a URL', 'items.example.org/webhook'],
    ['whose address is empty', ''],
  ])('is never one %s', (_, url) => {
    expect(ours([at(1, url)])).toBeUndefined();
  });

  it('is never one without an address', () => {
    const { config, ...others } = webhook(1);
    const { url: _, ...rest } = config;
    expect(ours([{ ...others, config: rest }])).toBeUndefined();
  });

  it('is the remembered one, wherever it points by now', () => {
    const moved = at(7, 'https://before.example.org/webhook');
    expect(ours([webhook(3, { active: false }), moved], known(7))).toMatchObject({
      webhook: { id: 7 },
      differs: ['url'],
      others: [3],
    });
  });

  it('is one that needs no repair, if there are several, because GitHub allows no two alike', () => {
    const form = webhook(1, { config: { content_type: 'form' } });
    expect(ours([form, webhook(2)])).toMatchObject({ webhook: { id: 2 }, others: [1] });
    expect(ours([form, webhook(2)], known(1))).toMatchObject({ webhook: { id: 2 }, others: [1] });
  });

  it('is one with the exact address, else the first, if all need repair', () => {
    const [inactive, silent] = [webhook(1, { active: false }), webhook(2, { events: [] })];
    expect(ours([inactive, silent])).toMatchObject({ webhook: { id: 1 }, others: [2] });
    expect(ours([at(9, `${URL}/`), silent])).toMatchObject({ webhook: { id: 2 }, others: [9] });
  });
});

describe('a project webhook', () => {
  it.each<[string, Partial<Webhook>, string[]]>([
    ['is inactive', { active: false }, ['active']],
    ['has no events', { events: [] }, ['events']],
    ['has more events', { events: ['push', 'create'] }, ['events']],
    ['has all events', { events: ['*'] }, ['events']],
    ['sends forms', { config: { content_type: 'form' } }, ['contentType']],
    ['does not verify certificates', { config: { insecure_ssl: '1' } }, ['insecureSsl']],
    ['does not verify certificates, as a number', { config: { insecure_ssl: 1 } }, ['insecureSsl']],
    [
      'has several of these faults',
      { active: false, events: [], config: { content_type: 'form' } },
      ['active', 'events', 'contentType'],
    ],
  ])('differs if it %s', (_, changes, differs) => {
    expect(ours([webhook(1, changes)])?.differs).toEqual(differs);
  });

  it('differs if this service gave it an earlier secret', () => {
    expect(ours([webhook(1)], known(1, 'v1'))?.differs).toEqual(['secret']);
    expect(ours([webhook(1)], known(1, 'v2'))?.differs).toEqual([]);
  });

  it('differs without a secret, but not with one that others may have set', () => {
    const { config, ...others } = webhook(1);
    const { secret: _, ...unsigned } = config;
    expect(ours([{ ...others, config: unsigned }])?.differs).toEqual(['secret']);
    expect(ours([webhook(1)])?.differs).toEqual([]);
    expect(ours([webhook(1)], known(1))?.differs).toEqual([]);
    expect(ours([webhook(1)], known(2, 'v1'))?.differs).toEqual([]);
  });

  it.each([[['push']], [['push', 'meta']], [['meta', 'push']]])(
    'may have the events of this release or of an earlier one, in any order: %s',
    (events) => {
      expect(ours([webhook(1, { events })])?.differs).toEqual([]);
    },
  );

  describe('whose last delivery this service rejected', () => {
    const rejected = webhook(1, { lastResponseCode: 401 });

    it.each<[string, KnownWebhook | undefined]>([
      ['that nobody knows', undefined],
      ['that others have set up', known(1)],
      ['that this service has created', { ...known(1, 'v2'), state: 'created' }],
      ['that delivered something after its last repair', known(1, 'v2')],
    ])('has another secret, if it is one %s', (_, remembered) => {
      expect(ours([rejected], remembered)?.differs).toEqual(['secret']);
    });

    it('is right if it was repaired and has delivered nothing since', () => {
      expect(ours([rejected], { ...known(1, 'v2'), state: 'repaired' })?.differs).toEqual([]);
    });
  });
});

describe('the version of a webhook secret', () => {
  it('depends on the secret and on the URL, and reveals neither', () => {
    const version = secretVersionOf('one', URL);
    expect(secretVersionOf('two', URL)).not.toBe(version);
    expect(secretVersionOf('one', `${URL}/2`)).not.toBe(version);
    expect(secretVersionOf('one', URL)).toBe(version);
    expect(version).toMatch(/^[0-9a-f]{10}$/);
  });
});
