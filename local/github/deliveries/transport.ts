export interface Answer {
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly payload: string | null;
}

/** GitHub's timeout for a receiver. */
const TIMEOUT_MS = 10_000;

export interface EventRequest {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Aborts the request when the server closes. */
  signal: AbortSignal;
}

/** Sends a delivery. Returns the receiver's answer, or how it failed; never throws. */
export async function send(url: string, { headers, body, signal }: EventRequest): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      // GitHub does not follow redirects, and one could lead to another machine.
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
