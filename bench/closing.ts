/** What has begun and is to be ended, also when the benchmark is interrupted. */
export interface Closing {
  add: (end: () => Promise<void>) => void;
  /** The last first. */
  all: () => Promise<void>;
}

export function createClosing(): Closing {
  const begun: (() => Promise<void>)[] = [];
  return {
    add: (end) => void begun.push(end),
    all: async () => {
      for (let end = begun.pop(); end !== undefined; end = begun.pop()) await end();
    },
  };
}
