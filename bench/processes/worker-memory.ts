import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import { processBytes } from '../../local/cloud/sandbox-memory.ts';

export interface WorkerMemory {
  /** The largest number of bytes that a worker used since the last call. */
  takePeak: () => { bytes: number };
  close: () => void;
}

/** A batch takes about a second, so that it is sampled several times. */
const SAMPLE_MS = 100;

/**
 * Samples the memory of every worker thread that is started from now on, as a process of its own would need it. Lambda's
 * reports contain it as well, but as the maximum of all runs of a worker.
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
      peak = Math.max(peak, processBytes(await worker.getHeapStatistics()));
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
