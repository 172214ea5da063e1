import type { Readable } from 'node:stream';

/** Reads a body to its end. `buffer` of node:stream/consumers goes through a Blob, which takes twice as long for a small one. */
export function collect(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    stream.once('error', reject);
    // A client that goes away.
    stream.once('close', () => reject(new Error('The body is incomplete.')));
  });
}
