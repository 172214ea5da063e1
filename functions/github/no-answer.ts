/** A request that was not sent, because it is malformed or would go to another host. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** Descriptions of errors, by the code or name that Node or undici gives them. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  UND_ERR_SOCKET: 'connection closed',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host name not resolved',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'timed out',
  UND_ERR_BODY_TIMEOUT: 'timed out',
  TimeoutError: 'timed out',
};

/** Why a request has no answer, in words. The reason is somewhere in the chain of causes. */
export function noAnswer(error: Error): string {
  const chain = causesOf(error);
  const notSent = chain.find((cause) => cause instanceof NotSent);
  if (notSent) return `not sent: ${notSent.message}`;
  const known = chain.flatMap((cause) => WORDS[codeOf(cause)] ?? WORDS[cause.name] ?? []);
  const described = chain.flatMap((cause) => cause.message || codeOf(cause) || []);
  return `no answer (${known.at(-1) ?? described.at(-1) ?? 'unknown reason'})`;
}

export const isNotSent = (error: Error): boolean => causesOf(error).some((cause) => cause instanceof NotSent);

function causesOf(error: Error): Error[] {
  const chain: Error[] = [];
  for (let cause: unknown = error; cause instanceof Error && !chain.includes(cause); cause = cause.cause) {
    chain.push(cause);
  }
  return chain;
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');
