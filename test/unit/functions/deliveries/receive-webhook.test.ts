import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../functions/shared/errors.ts';
import {
  openReceiver,
  push,
  requestOf,
  type SentDelivery,
  signatureOf,
} from '../../../support/deliveries.ts';

const PREVIOUS = 'the-previous-secret';
const TEXT = JSON.stringify(push());
const problem = (status: number, code: string) => ({ status, body: { status, code } });

describe('a delivery with a valid signature', () => {
  it('is queued by the id of its repository', async () => {
    const { receive, messages } = openReceiver();
    const answer = { deliveryId: 'delivery-1', queued: true, itemBankId: 7 };
    expect(await receive()).toEqual({ status: 202, body: answer });
    expect(messages).toEqual([{ itemBankId: 7, event: 'push', deliveryId: 'delivery-1' }]);
  });

  it('is queued with the commits before and after a push, as far as it names them', async () => {
    const { receive, messages } = openReceiver();
    const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];
    await receive({ body: push(7, { before, after }) });
    await receive({ body: push(7, { before: null, after }) });
    const message = { itemBankId: 7, event: 'push', deliveryId: 'delivery-1', after };
    expect(messages).toEqual([{ ...message, before }, message]);
  });

  it.each<[string, SentDelivery]>([
    ['that API Gateway passes on as Base64', { base64: true }],
    ['with letters outside ASCII', { body: push(7, { pusher: { name: 'Müller – 電子' } }) }],
    ['with letters outside ASCII as Base64', { body: push(7, { name: '電子' }), base64: true }],
    [
      'with a charset in its content type',
      { headers: { 'content-type': 'application/json; charset=utf-8' } },
    ],
    ['without a content type', { headers: { 'content-type': undefined } }],
    [
      'that is a form',
      {
        body: `payload=${encodeURIComponent(TEXT)}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        base64: true,
      },
    ],
  ])('is queued, even one %s', async (_, delivery) => {
    const { receive, messages } = openReceiver();
    expect(await receive(delivery)).toMatchObject({ status: 202 });
    expect(messages).toMatchObject([{ itemBankId: 7 }]);
  });

  it('is queued again when it is replayed, because comparing an item twice does no harm', async () => {
    const { receive, messages } = openReceiver();
    expect((await receive()).status).toBe(202);
    expect((await receive()).status).toBe(202);
    expect(messages).toHaveLength(2);
  });

  it('is answered with 503 if the queue does not accept it, so that GitHub shows it as failed', async () => {
    const queue = async () => {
      throw new SyncError('DeliveryNotQueued', 'confidential');
    };
    const { receive } = openReceiver({ queue });
    const answer = await receive();
    expect(answer).toMatchObject(problem(503, 'DELIVERY_NOT_QUEUED'));
    expect(JSON.stringify(answer)).not.toContain('confidential');
  });
});

describe('during a rotation of the secret', () => {
  it('both secrets are accepted, and no third one', async () => {
    const { receive, secrets } = openReceiver();
    secrets.stored = ['the-new-secret', PREVIOUS];
    expect((await receive({ secret: 'the-new-secret' })).status).toBe(202);
    expect((await receive({ secret: PREVIOUS })).status).toBe(202);
    expect((await receive({ secret: 'another' })).status).toBe(401);
  });

  it('a secret that was stored a moment ago is accepted at once', async () => {
    const { receive, secrets } = openReceiver();
    secrets.cached = secrets.stored;
    secrets.stored = ['the-new-secret', PREVIOUS];
    expect((await receive({ secret: 'the-new-secret' })).status).toBe(202);
    expect(secrets.requests).toBe(1);
  });

  it('invalid signatures cause one request to Secrets Manager in five seconds', async () => {
    const { receive, secrets, clock } = openReceiver();
    for (let sent = 0; sent < 3; sent += 1) await receive({ secret: 'wrong' });
    expect(secrets.requests).toBe(1);
    clock.advance(5_000);
    await receive({ secret: 'wrong' });
    expect(secrets.requests).toBe(2);
  });
});

describe('a request that is no delivery of ours', () => {
  const header = (value: string | undefined): SentDelivery => ({ headers: { 'x-hub-signature-256': value } });

  it.each<[string, SentDelivery, number, string]>([
    ['has no signature', header(undefined), 401, 'SIGNATURE_INVALID'],
    ['has an empty signature', header(''), 401, 'SIGNATURE_INVALID'],
    ['has a short signature', header('sha256=ab'), 401, 'SIGNATURE_INVALID'],
    ['has a long signature', header(`${signatureOf(TEXT)}00`), 401, 'SIGNATURE_INVALID'],
    ['has a signature without its prefix', header(signatureOf(TEXT).slice(7)), 401, 'SIGNATURE_INVALID'],
    ['has the signature of another body', header(signatureOf(`${TEXT} `)), 401, 'SIGNATURE_INVALID'],
    [
      'is signed with SHA-1 only',
      { headers: { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=7d38cdd689735b008b3c702e' } },
      401,
      'SIGNATURE_INVALID',
    ],
    ['is signed with another secret', { secret: 'another' }, 401, 'SIGNATURE_INVALID'],
    ['has no body', { body: '' }, 400, 'REQUEST_INVALID'],
    ['is not JSON', { body: 'confidential' }, 400, 'REQUEST_INVALID'],
    ['is a list', { body: '[]' }, 400, 'REQUEST_INVALID'],
    ['is null', { body: 'null' }, 400, 'REQUEST_INVALID'],
    ['is XML', { headers: { 'content-type': 'text/xml' } }, 400, 'REQUEST_INVALID'],
    [
      'is a form without a payload',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'REQUEST_INVALID',
    ],
    ['names no event', { headers: { 'x-github-event': undefined } }, 400, 'REQUEST_INVALID'],
    ['names an event that is none', { event: 'push\nconfidential' }, 400, 'REQUEST_INVALID'],
    ['has no delivery id', { headers: { 'x-github-delivery': undefined } }, 400, 'REQUEST_INVALID'],
    ['has an id above 2^53', { body: '{"repository":{"id":9007199254740993}}' }, 400, 'REQUEST_INVALID'],
    ['has the id 0', { body: push(0) }, 400, 'REQUEST_INVALID'],
    ['has a repository without an id', { body: { repository: { name: 'item-7' } } }, 400, 'REQUEST_INVALID'],
    ['has a repository that is none', { body: { repository: 'item-7' } }, 400, 'REQUEST_INVALID'],
    ['has more than 5 MB', { body: push(7, { text: 'x'.repeat(5_000_000) }) }, 413, 'REQUEST_TOO_LARGE'],
    ['has 25 MB', { body: push(7, { text: 'x'.repeat(25_000_000) }) }, 413, 'REQUEST_TOO_LARGE'],
  ])('is rejected: %s', async (_, delivery, status, code) => {
    const { receive, messages, log } = openReceiver();
    const answer = await receive(delivery);
    expect(answer).toMatchObject(problem(status, code));
    expect(messages).toEqual([]);
    expect(JSON.stringify([answer, log.lines])).not.toContain('confidential');
  });

  it('is rejected if it has no body at all', async () => {
    const { receive } = openReceiver();
    const { body: _, ...request } = requestOf({});
    expect(request).not.toHaveProperty('body');
    expect(await receive({ body: '' })).toMatchObject(problem(400, 'REQUEST_INVALID'));
  });

  it('is logged once a minute for each cause', async () => {
    const { receive, log, clock } = openReceiver();
    for (let sent = 0; sent < 3; sent += 1) await receive({ secret: 'wrong' });
    expect(log.messages()).toEqual(['rejected a delivery: the signature is not valid']);
    clock.advance(60_000);
    await receive({ secret: 'wrong' });
    expect(log.lines[1]?.attributes).toEqual({ why: 'SignatureInvalid', notLogged: 2 });
  });
});

it('never logs what a delivery contains, and logs each dropped one by its id', async () => {
  const { receive, log } = openReceiver();
  await receive({ body: push(7, { secret: 'confidential' }) });
  await receive({ body: push(7, { ref: 'refs/heads/confidential' }), deliveryId: 'delivery-2' });
  expect(log.lines).toEqual([
    { level: 'DEBUG', message: 'delivery delivery-1 (push) queued: item bank id 7', attributes: {} },
    {
      level: 'INFO',
      message: 'delivery delivery-2 (push) acknowledged and dropped: other-branch',
      attributes: { dropped: 'other-branch' },
    },
  ]);
});

it('counts dropped deliveries by their reason, and no others', async () => {
  const { receive, metrics } = openReceiver();
  await receive();
  await receive({ event: 'ping' });
  await receive({ body: push(7, { ref: 'refs/heads/other' }) });
  expect(metrics).toEqual([
    { values: { DeliveriesDropped: 1 }, dimensions: { Reason: 'ping' } },
    { values: { DeliveriesDropped: 1 }, dimensions: { Reason: 'other-branch' } },
  ]);
});
