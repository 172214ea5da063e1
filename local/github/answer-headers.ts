import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limitHeaders } from './limits/primary-limits.ts';

const API_VERSION = '2022-11-28';
/**
 * The scopes of the user's token: what the operators' runbook asks for, and what webhooks of the organization need.
 * An App's have none.
 */
export const TOKEN_SCOPES = 'admin:org_hook, admin:repo_hook, read:org, repo';

/** Ids of GitHub's form, `C0DE:1A2B:3F4C5D:7E8F901:69238F5E`; the last part is the time. */
export function createRequestIds(now: () => Date): () => string {
  const [machine, process] = [randomBytes(2), randomBytes(2)].map((part) => hex(part.readUInt16BE(), 4));
  let count = 0x100000;
  return () => {
    count += 1;
    const seconds = Math.floor(now().getTime() / 1000);
    return [machine, process, hex(count, 6), hex(count * 13, 7), hex(seconds, 8)].join(':');
  };
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** The headers of every answer, whatever it says. Its date is the site's, by which clients set their clocks. */
export function setCommonHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  { requestId, at }: { requestId: string; at: Date },
): void {
  const version = request.headers['x-github-api-version'];
  reply.headers({
    server: 'github.com',
    date: at.toUTCString(),
    'x-github-request-id': requestId,
    'x-github-media-type': 'github.v3; format=json',
    'x-github-api-version-selected': typeof version === 'string' ? version : API_VERSION,
    'x-content-type-options': 'nosniff',
  });
}

/** The state of the limit after this request. Answers that say it themselves, as injected ones may, are left alone. */
export function setLimitHeaders({ caller, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  const primary = caller?.allowance?.primary;
  if (primary === undefined || reply.hasHeader('x-ratelimit-remaining')) return;
  const { resource = 'core' } = routeOptions.config;
  reply.headers(limitHeaders(resource, primary.status(resource)));
}

/** Gives a successful GET its ETag; true when the client has this very answer already. */
export function isNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: string | Buffer,
): boolean {
  if (!isRead(request) || reply.statusCode !== 200) return false;
  const etag = `W/"${createHash('sha256').update(payload).digest('hex')}"`;
  reply.headers({ etag, vary: 'Accept, Authorization, Accept-Encoding' });
  const known = request.headers['if-none-match'];
  return (known ?? '').split(/,\s*/).some((candidate) => weak(candidate) === weak(etag));
}

/** A HEAD has the headers of the GET. */
const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

const weak = (etag: string): string => etag.replace(/^W\//, '');
