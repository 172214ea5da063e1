import type { FastifyRequest } from 'fastify';
import { isNestedDeeper } from '../../functions/shared/contract/json-depth.ts';
import { Refusal } from './refusal.ts';

/** The URL under which the client reached the server, for the URLs in its answer. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

/** Whether requests with this method only read. */
export const isReading = (method: string): boolean => /^(?:GET|HEAD|OPTIONS)$/.test(method);

/** Empty when the route has no such parameter. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return textMember(request.params, name) ?? '';
}

/** A path parameter that is an id. NaN, which matches no id, when it is not a number. */
export function pathId(request: FastifyRequest, name: string): number {
  const text = pathParameter(request, name);
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

export function queryParameter(request: FastifyRequest, name: string): string | undefined {
  return textMember(request.query, name);
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as an object; empty when there is no body. */
export function bodyObject(request: FastifyRequest): JsonObject {
  const body = request.body ?? {};
  if (!isJsonObject(body)) throw new Refusal(400, 'Body should be a JSON object');
  return body;
}

/** GitHub documents no such limit. Walking through a much deeper value overflows the stack. */
const MAX_LEVELS = 1_000;

/** GitHub parses every body as JSON regardless of its content type, so that `curl -d` works. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (isNestedDeeper(text, MAX_LEVELS)) throw new Refusal(400, 'Problems parsing JSON');
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function textMember(object: unknown, name: string): string | undefined {
  if (!isJsonObject(object)) return undefined;
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}
