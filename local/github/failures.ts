/** What the next requests to a place meet instead of, or before, their answer. */
export interface InjectedFailure {
  method: string;
  /** The beginning of the path. */
  pathPrefix: string;
  /** Only requests whose body holds this text; GraphQL has one path for everything. */
  bodyIncludes?: string;
  /** How many requests; one by default, `Infinity` until `mend()`. */
  times?: number;
  outcome: FailureOutcome;
}

export type FailureOutcome =
  /** Given instead of the answer; a text that begins with `<` is HTML, an object is JSON. */
  | { status: number; headers?: Readonly<Record<string, string>>; body?: string | object }
  /** `before-work`: nothing was done. `after-work`: it was done, and the client cannot know. */
  | { connection: 'dropped-before-work' | 'dropped-after-work' }
  /** The answer comes, that many milliseconds later; with `Infinity` never, and nothing is done. */
  | { delayMs: number }
  /**
   * The answer comes as this makes it of the right one, which was parsed from JSON. A promise is waited for, so that
   * something can happen between this answer and the next.
   */
  | { change: (answer: unknown) => unknown };

interface IncomingRequest {
  method: string;
  /** Path and query. */
  url: string;
  bodyText(): string;
}

export interface Failures {
  add(failure: InjectedFailure): void;
  /** What this request meets, which uses it up; the oldest that matches comes first. */
  take(request: IncomingRequest): FailureOutcome | undefined;
  mend(): void;
}

export function createFailures(): Failures {
  let pending: { failure: InjectedFailure; left: number }[] = [];
  return {
    add: (failure) => void pending.push({ failure, left: failure.times ?? 1 }),
    take(request) {
      const match = pending.find(({ failure }) => matches(failure, request));
      if (match === undefined) return undefined;
      match.left -= 1;
      pending = pending.filter(({ left }) => left > 0);
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
