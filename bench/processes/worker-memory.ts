import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';

export interface WorkerMemory {
  /** The largest number of bytes that a worker used since the last call. */
  takePeak: () => { bytes: number };
  close: () => void;
}

/** A batch takes about a second, so that it is sampled several times. */
const SAMPLE_MS = 100;

/**
 * Samples the memory of every worker thread that is started from now on: its heap and its external buffers. The rest of
 * the Node process is not included, but a Lambda function needs it, too.
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
      // The worker has ended, or is not up yet.
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
