import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';

export interface WorkerMemory {
  /** The most bytes that one worker had since the last call. */
  takePeak: () => { bytes: number };
  close: () => void;
}

/** Often enough to meet a batch, which takes a second, several times. */
const SAMPLE_MS = 100;

/**
 * Samples the memory of every worker thread that is started from now on: its heap, and the buffers beside it. A
 * Lambda function has the rest of a Node process in addition.
 */
export function watchWorkers(): WorkerMemory {
  const workers = new Set<Worker>();
  let peak = 0;
  const add = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('worker' in message)) return;
    const { worker } = message;
    if (!(worker instanceof Worker)) return;
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  };
  const sample = async (worker: Worker): Promise<void> => {
    try {
      const { total_heap_size: heap, external_memory: external } = await worker.getHeapStatistics();
      peak = Math.max(peak, heap + external);
    } catch {
      // It has ended meanwhile, or is not up yet: the next sample tells.
    }
  };
  subscribe('worker_threads', add);
  const timer = setInterval(() => void Promise.all([...workers].map(sample)), SAMPLE_MS);
  return {
    takePeak: () => {
      const bytes = peak;
      peak = 0;
      return { bytes };
    },
    close: () => {
      clearInterval(timer);
      unsubscribe('worker_threads', add);
    },
  };
}
