import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limitHeaders } from './limits/primary-limits.ts';

const API_VERSION = '2022-11-28';

/** Makes ids like GitHub's, `C0DE:1A2B:3F4C5D:7E8F901:69238F5E`, which end in the time. */
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

/** Sets the headers that every answer has. Clients synchronize their clocks with the date. */
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

/** Sets the primary limit's headers, unless the answer already has them, as an injected one may. */
export function setLimitHeaders({ caller, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  const primary = caller?.allowance?.primary;
  if (primary === undefined || reply.hasHeader('x-ratelimit-remaining')) return;
  const { resource = 'core' } = routeOptions.config;
  reply.headers(limitHeaders(resource, primary.status(resource)));
}

/** Sets the ETag of a successful GET. True when the client already has this answer. */
export function isNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: string | Buffer,
): boolean {
  // HEAD has the same headers as GET.
  if (!['GET', 'HEAD'].includes(request.method) || reply.statusCode !== 200) return false;
  const etag = `W/"${createHash('sha256').update(payload).digest('hex')}"`;
  reply.headers({ etag, vary: 'Accept, Authorization, Accept-Encoding' });
  const known = request.headers['if-none-match'];
  return (known ?? '').split(/,\s*/).some((candidate) => weak(candidate) === weak(etag));
}

const weak = (etag: string): string => etag.replace(/^W\//, '');
