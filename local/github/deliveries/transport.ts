export interface Answer {
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly payload: string | null;
}

/** GitHub waits no longer for a receiver. */
const TIMEOUT_MS = 10_000;

export interface EventRequest {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Ends the request when the server closes. */
  signal: AbortSignal;
}

/** What the receiver said, or how it failed to; never throws, since nothing shall depend on a receiver. */
export async function send(url: string, { headers, body, signal }: EventRequest): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      // GitHub follows no redirect, and one could lead away from this machine.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    return {
      status: answer.ok ? 'OK' : `Invalid HTTP Response: ${answer.status}`,
      statusCode: answer.status,
      headers: Object.fromEntries(answer.headers),
      payload: await answer.text(),
    };
  } catch {
    const failure = timeout.aborted
      ? { status: 'timed out', statusCode: 504 }
      : { status: 'failed to connect to host', statusCode: 502 };
    return { ...failure, headers: null, payload: null };
  }
}
