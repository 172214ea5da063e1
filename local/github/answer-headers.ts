import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limitHeaders, type RateLimits } from './rate-limits.ts';

const API_VERSION = '2022-11-28';
/** The scopes of the one token: what the operators' runbook asks for. */
const TOKEN_SCOPES = 'admin:repo_hook, read:org, repo';

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

/** The headers of every answer, whatever it says. */
export function setCommonHeaders(request: FastifyRequest, reply: FastifyReply, requestId: string): void {
  const version = request.headers['x-github-api-version'];
  reply.headers({
    server: 'github.com',
    'x-github-request-id': requestId,
    'x-github-media-type': 'github.v3; format=json',
    'x-github-api-version-selected': typeof version === 'string' ? version : API_VERSION,
    'x-oauth-scopes': TOKEN_SCOPES,
    'x-content-type-options': 'nosniff',
  });
}

/** The state of the limit after this request. Answers that say it themselves, as injected ones may, are left alone. */
export function setLimitHeaders(request: FastifyRequest, reply: FastifyReply, limits: RateLimits): void {
  if (reply.hasHeader('x-ratelimit-remaining')) return;
  const resource = request.routeOptions.config.resource ?? 'core';
  reply.headers(limitHeaders(resource, limits.status(resource)));
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
