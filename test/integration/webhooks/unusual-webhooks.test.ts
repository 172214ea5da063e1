import { describe, expect, it } from 'vitest';
import { checkWebhook, type WebhookCheck } from '../../../functions/webhooks/check-webhook.ts';
import { organizationWebhooks, repositoryWebhooks } from '../../../functions/webhooks/webhook-target.ts';
import {
  hooksPath,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { contextOf } from '../github/support.ts';

const NAME = 'item-1';
const OURS = {
  id: 7,
  active: true,
  events: ['push'],
  config: { url: PROJECT_WEBHOOK_URL, content_type: 'json', insecure_ssl: '0', secret: '********' },
};
const FOREIGN = { ...OURS, id: 1, config: { ...OURS.config, url: 'https://ci.example.org/hooks' } };

type Known = Parameters<typeof checkWebhook>[2];

/** Checks a repository whose webhooks GitHub shows like this. Each list is a page. */
async function check(pages: readonly unknown[], known?: Known): Promise<WebhookCheck> {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  for (const [index, body] of pages.entries()) {
    // GitHub Enterprise Server allows more webhooks than fit on a page.
    const link = `<https://example.org/hooks?page=${index + 2}>; rel=next`;
    const headers: Record<string, string> = index < pages.length - 1 ? { link } : {};
    const outcome = { status: 200, headers, body: JSON.stringify(body) };
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(NAME), outcome });
  }
  const context = {
    ...contextOf(bank),
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookSecret: WEBHOOK_SECRET,
  };
  return checkWebhook(context, repositoryWebhooks(context, NAME), known);
}

const withConfig = (webhook: typeof OURS, changes: object) => ({
  ...webhook,
  config: { ...webhook.config, ...changes },
});

describe('an unusual webhook of somebody else', () => {
  it.each([
    ['has no URL', withConfig(FOREIGN, { url: null })],
    ['has no config', { ...FOREIGN, config: null }],
    ['has a config of another type', { ...FOREIGN, config: 'web' }],
    ['has no content type', withConfig(FOREIGN, { content_type: null })],
    ['has a boolean insecure_ssl', withConfig(FOREIGN, { insecure_ssl: false })],
    ['is neither active nor inactive', { ...FOREIGN, active: undefined }],
    ['has no events', { ...FOREIGN, events: null }],
    ['has no id', { ...FOREIGN, id: null }],
    ['has no id and no URL', { id: null, config: null }],
    ['is null', null],
    ['is a number', 5],
  ])('does not hide the project webhook: it %s', async (_, foreign) => {
    expect(await check([[foreign, OURS]])).toEqual({ found: 'present', id: 7 });
  });

  it.each([
    ['has no config', { ...FOREIGN, config: null }],
    ['has no URL', withConfig(FOREIGN, { url: null })],
    ['has no id, but another URL', { ...FOREIGN, id: null }],
  ])('is not the project webhook: it %s', async (_, foreign) => {
    expect(await check([[foreign]])).toEqual({ found: 'missing' });
  });

  it('does not hide the project webhook on the next page', async () => {
    expect(await check([[FOREIGN], [null, OURS]])).toEqual({ found: 'present', id: 7 });
  });
});

describe('an unusual project webhook', () => {
  it.each([
    ['no content type', withConfig(OURS, { content_type: null }), 'contentType'],
    ['an insecure_ssl of true', withConfig(OURS, { insecure_ssl: true }), 'insecureSsl'],
    ['an insecure_ssl of another type', withConfig(OURS, { insecure_ssl: {} }), 'insecureSsl'],
    ['nothing about whether it is active', { ...OURS, active: undefined }, 'active'],
    ['null for whether it is active', { ...OURS, active: null }, 'active'],
    ['no events', { ...OURS, events: null }, 'events'],
    ['an event of another type', { ...OURS, events: ['push', null] }, 'events'],
    ['null as its secret', withConfig(OURS, { secret: null }), 'secret'],
  ])('differs if it has %s', async (_, webhook, setting) => {
    expect(await check([[webhook]])).toEqual({ found: 'differs', id: 7, differs: [setting] });
  });

  it.each([false, 0, '0', null, undefined])('may have an insecure_ssl of %s', async (insecure_ssl) => {
    expect(await check([[withConfig(OURS, { insecure_ssl })]])).toEqual({ found: 'present', id: 7 });
  });

  it('is recognized by its remembered id if it has no config', async () => {
    const known = { state: 'present', id: 7 } as const;
    expect(await check([[{ ...OURS, config: null }]], known)).toMatchObject({
      found: 'differs',
      id: 7,
      differs: expect.arrayContaining(['url', 'contentType', 'secret']),
    });
  });
});

describe('a webhook that may be the project webhook', () => {
  it.each([
    ['it has no id', [{ ...OURS, id: null }], '0.id: '],
    ['its id is a text', [FOREIGN, { ...OURS, id: '7' }], '1.id: '],
    ['it is null', [null], '0.id: '],
    ['the answer is no list', { message: 'nothing' }, 'answer: '],
  ])('is neither present nor missing, and the fault is named: %s', async (_, page, fault) => {
    expect(await check([page])).toEqual({
      found: 'unchecked',
      failure: {
        reason: 'GITHUB_ERROR',
        message: expect.stringContaining(`the answer is not what GitHub documents: ${fault}`),
        githubRequestId: expect.any(String),
      },
    });
  });
});

it('the webhooks of the organization are read in the same way', async () => {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const context = {
    ...contextOf(bank),
    projectWebhookUrl: PROJECT_WEBHOOK_URL,
    webhookSecret: WEBHOOK_SECRET,
  };
  const body = JSON.stringify([
    null,
    { ...FOREIGN, config: null },
    { ...OURS, events: ['push', 'repository'] },
  ]);
  bank.site.fail({
    method: 'GET',
    pathPrefix: `/orgs/${ORGANIZATION}/hooks`,
    outcome: { status: 200, body },
  });
  expect(await checkWebhook(context, organizationWebhooks(context), undefined)).toEqual({
    found: 'present',
    id: 7,
  });
});
