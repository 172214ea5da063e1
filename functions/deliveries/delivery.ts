import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';

/**
 * What is read of a delivery's payload. GitHub leaves fields out, and sends nulls for others, so that each field that
 * cannot be read counts as absent. Only the repository's id has to be right if there is a repository.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
const text = z.lenient(z.string());
const Owner = z.object({ login: text, name: text });
const Payload = z.object({
  action: text,
  ref: text,
  ref_type: text,
  before: text,
  after: text,
  organization: z.lenient(z.object({ login: text })),
  repository: z.optional(
    z.nullable(
      z.object({
        id: z.int('expected the id of a repository').check(z.positive('expected the id of a repository')),
        name: text,
        full_name: text,
        default_branch: text,
        owner: z.lenient(Owner),
      }),
    ),
  ),
});
export type Payload = z.output<typeof Payload>;

/** A delivery of GitHub, whose signature is valid. */
export interface Delivery {
  /** GitHub's id of it, the header X-GitHub-Delivery. A repeated delivery has the same one. */
  deliveryId: string;
  /** The header X-GitHub-Event. */
  event: string;
  payload: Payload;
}

export type Headers = Readonly<Record<string, string | undefined>>;

/** @throws SyncError `RequestInvalid` if the request is not a delivery. It quotes nothing of the body. */
export function readDelivery(headers: Headers, body: string): Delivery {
  const event = headerOf(headers, 'x-github-event', /^[a-z0-9_]{1,100}$/);
  const deliveryId = headerOf(headers, 'x-github-delivery', /^[A-Za-z0-9-]{1,100}$/);
  const parsed = Payload.safeParse(parseJson(jsonOf(headers, body)));
  if (parsed.success) return { deliveryId, event, payload: parsed.data };
  const [fault] = parsed.error.issues;
  const place = fault && fault.path.length > 0 ? fault.path.join('.') : 'the payload';
  throw new SyncError('RequestInvalid', `${place}: ${fault?.message ?? 'is not valid'}`);
}

function headerOf(headers: Headers, name: string, pattern: RegExp): string {
  const value = headers[name];
  if (value !== undefined && pattern.test(value)) return value;
  const fault = value === undefined ? 'is missing' : 'is not one that GitHub sends';
  throw new SyncError('RequestInvalid', `the header ${name} ${fault}`);
}

/** The project webhooks send JSON. A webhook that somebody else has set up may send the same JSON as a form field. */
function jsonOf(headers: Headers, body: string): string {
  const [type = ''] = (headers['content-type'] ?? 'application/json').split(';');
  switch (type.trim().toLowerCase()) {
    case 'application/json':
      return body;
    case 'application/x-www-form-urlencoded': {
      const payload = new URLSearchParams(body).get('payload');
      if (payload !== null) return payload;
      throw new SyncError('RequestInvalid', 'the form has no field payload');
    }
    default:
      throw new SyncError(
        'RequestInvalid',
        'the content type is neither application/json nor application/x-www-form-urlencoded',
      );
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SyncError('RequestInvalid', 'the body is not JSON');
  }
}
