import type { Sandbox } from './lambda-sandbox.ts';

export interface SandboxPool {
  /** Reserves a sandbox for one caller. Waits while all are busy. Undefined when the pool is closed. */
  acquire(): Promise<Sandbox | undefined>;
  release(sandbox: Sandbox): void;
  close(): Promise<void>;
}

/** The sandboxes of one function. They are opened on demand up to the limit, and reused while they are alive. */
export function createSandboxPool(open: () => Sandbox, maxConcurrency: number): SandboxPool {
  const all = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const waiting: ((sandbox: Sandbox | undefined) => void)[] = [];
  let isOpen = true;

  const add = () => {
    const sandbox = open();
    all.add(sandbox);
    return sandbox;
  };
  return {
    acquire: async () => {
      if (!isOpen) return undefined;
      for (let warm = idle.pop(); warm !== undefined; warm = idle.pop()) {
        if (warm.isAlive) return warm;
        all.delete(warm);
      }
      return all.size < maxConcurrency ? add() : new Promise((resolve) => waiting.push(resolve));
    },
    release: (sandbox) => {
      if (!sandbox.isAlive) all.delete(sandbox);
      const next = waiting.shift();
      if (next !== undefined) next(sandbox.isAlive ? sandbox : add());
      else if (sandbox.isAlive) idle.push(sandbox);
    },
    close: async () => {
      isOpen = false;
      for (const resolve of waiting.splice(0)) resolve(undefined);
      await Promise.all([...all].map((sandbox) => sandbox.close()));
    },
  };
}
