/** Collects what must be closed at the end, also when the benchmark is interrupted. */
export interface Closing {
  add: (close: () => Promise<void>) => void;
  /** In reverse order. */
  all: () => Promise<void>;
}

export function createClosing(): Closing {
  const opened: (() => Promise<void>)[] = [];
  return {
    add: (close) => void opened.push(close),
    all: async () => {
      for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close();
    },
  };
}
