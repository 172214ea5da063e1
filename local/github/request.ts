import type { FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

/** Where this client reached the server, so that every URL in an answer leads back by the same way. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

/** Whether requests of this method change nothing. */
export const isReading = (method: string): boolean => /^(?:GET|HEAD|OPTIONS)$/.test(method);

/** Empty when the route has no such parameter. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return textMember(request.params, name) ?? '';
}

/** A path parameter that is an id; NaN, which no map holds, when it is not a number. */
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

/** The body as an object; no body at all is an empty one. */
export function bodyObject(request: FastifyRequest): JsonObject {
  const body = request.body ?? {};
  if (!isJsonObject(body)) throw new Refusal(400, 'Body should be a JSON object');
  return body;
}

/** GitHub reads every body as JSON, whatever its content type says, so that `curl -d` works as it is. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function textMember(holder: unknown, name: string): string | undefined {
  if (!isJsonObject(holder)) return undefined;
  const value = holder[name];
  return typeof value === 'string' ? value : undefined;
}
