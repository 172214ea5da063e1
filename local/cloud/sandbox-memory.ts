// From node:timers, so that TIME_SCALE does not shorten the interval.
import { clearInterval, setInterval } from 'node:timers';
import type { HeapInfo } from 'node:v8';

const MB = 2 ** 20;

/**
 * What a process that runs one function needs besides the heap and the buffers of that function, such as the code of
 * Node.js. Measured: docs/decisions/0027-measure-memory-of-worker-threads.md
 */
const RUNTIME_BYTES = 35 * MB;

type HeapStatistics = Pick<HeapInfo, 'total_heap_size' | 'external_memory' | 'malloced_memory'>;

/** About what Lambda would measure if the thread were a process of its own, in bytes. */
export const processBytes = (heap: HeapStatistics): number =>
  RUNTIME_BYTES + heap.total_heap_size + heap.external_memory + heap.malloced_memory;

export interface MemoryWatch {
  /** The largest size so far, at most the limit, as Lambda reports it. */
  maxUsedMb(): number;
  /** Takes a measurement into account that the thread made itself. */
  measured(bytes: number): void;
  /** Measures from now on. */
  start(): void;
  stop(): void;
}

export interface MemoryWatchOptions {
  memoryMb: number;
  measure: () => Promise<HeapStatistics>;
  onExceeded: () => void;
}

/** A function that allocates memory takes longer than this to fill it. */
const SAMPLE_MS = 100;

/** Measures a thread from outside, which works even while its code does not yield. */
export function watchMemory({ memoryMb, measure, onExceeded }: MemoryWatchOptions): MemoryWatch {
  let maxBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const measured = (bytes: number) => {
    maxBytes = Math.max(maxBytes, bytes);
    if (bytes > memoryMb * MB) onExceeded();
  };
  let isMeasuring = false;
  const sample = async () => {
    if (isMeasuring) return;
    isMeasuring = true;
    // The thread may not be up yet, or may have ended.
    const heap = await measure().catch(() => undefined);
    isMeasuring = false;
    if (heap !== undefined && timer !== undefined) measured(processBytes(heap));
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    maxUsedMb: () => Math.min(memoryMb, Math.ceil(maxBytes / MB)),
    measured,
    start: () => {
      stop();
      timer = setInterval(() => void sample(), SAMPLE_MS);
    },
    stop,
  };
}
