/** A failure for the next requests that match. */
export interface InjectedFailure {
  method: string;
  /** The beginning of the path. */
  pathPrefix: string;
  /** Only requests whose body contains this text. GraphQL has only one path. */
  bodyIncludes?: string;
  /** The number of requests; 1 by default. `Infinity` lasts until `mend()`. */
  times?: number;
  outcome: FailureOutcome;
}

export type FailureOutcome =
  /** Sent instead of the answer. A text that begins with `<` is HTML, an object is JSON. */
  | { status: number; headers?: Readonly<Record<string, string>>; body?: string | object }
  /** `before-work`: nothing was done. `after-work`: the work was done, but the client does not know. */
  | { connection: 'dropped-before-work' | 'dropped-after-work' }
  /** Delays the answer. With `Infinity` there is no answer and nothing is done. */
  | { delayMs: number }
  /** Replaces the correct JSON answer. A promise is awaited, so that something can happen before the next answer. */
  | { change: (answer: unknown) => unknown }
  /** Replaces a header of the correct answer, if it has that header. Undefined removes it. */
  | { header: string; changeTo: (value: string) => string | undefined };

interface IncomingRequest {
  method: string;
  /** Path and query. */
  url: string;
  bodyText(): string;
}

export interface Failures {
  add(failure: InjectedFailure): void;
  /** Returns the outcome of the oldest failure that matches, and counts it as used. */
  take(request: IncomingRequest): FailureOutcome | undefined;
  /** Removes all failures that have not been used. */
  mend(): void;
}

export function createFailures(): Failures {
  let pending: { failure: InjectedFailure; remaining: number }[] = [];
  return {
    add: (failure) => void pending.push({ failure, remaining: failure.times ?? 1 }),
    take(request) {
      const match = pending.find(({ failure }) => matches(failure, request));
      if (match === undefined) return undefined;
      match.remaining -= 1;
      pending = pending.filter(({ remaining }) => remaining > 0);
      return match.failure.outcome;
    },
    mend() {
      pending = [];
    },
  };
}

function matches(failure: InjectedFailure, { method, url, bodyText }: IncomingRequest): boolean {
  return (
    failure.method.toUpperCase() === method &&
    url.startsWith(failure.pathPrefix) &&
    (failure.bodyIncludes === undefined || bodyText().includes(failure.bodyIncludes))
  );
}
