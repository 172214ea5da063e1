export interface ChunkLimits<T> {
  /** Values in a chunk, at most. */
  count?: number;
  /** Bytes in a chunk, at most. */
  bytes?: number;
  bytesOf?: (value: T) => number;
}

/** Splits values, in their order, into chunks within both limits. A value above the byte limit gets its own chunk. */
export function chunksOf<T>(
  values: readonly T[],
  { count = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, bytesOf = () => 0 }: ChunkLimits<T>,
): T[][] {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let bytesLeft = 0;
  for (const value of values) {
    const size = bytesOf(value);
    if (chunk.length === 0 || chunk.length === count || size > bytesLeft) {
      chunk = [];
      bytesLeft = bytes;
      chunks.push(chunk);
    }
    chunk.push(value);
    bytesLeft -= size;
  }
  return chunks;
}
