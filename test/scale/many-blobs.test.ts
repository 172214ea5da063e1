import { describe, expect, it } from 'vitest';
import { type BlobReading, readBlobs, type WantedBlob } from '../../functions/github/blobs.ts';
import type { Deferral } from '../../functions/shared/deferral.ts';
import { bankOfOne, contextOf, GET_BLOB, putBlob } from '../integration/github/support.ts';
import { ROUTES } from '../support/bank.ts';
import { isFull, sampled } from '../support/extent.ts';
import { collectGarbage } from '../support/garbage.ts';

describe('many blobs', () => {
  /** Texts of 400 KB, five in each query, and files of 600 KB, which are downloaded: 24 MB in total. */
  async function bankOfLargeBlobs() {
    const { bank, repository } = await bankOfOne();
    const wanted: (WantedBlob & { byteSize: number })[] = [];
    for (let number = 0; number < 24; number += 1) {
      for (const bytes of [400_000, 600_000]) {
        wanted.push(await putBlob(bank, repository, Buffer.alloc(bytes, `${number}, `)));
      }
    }
    return { bank, wanted };
  }

  it.runIf(isFull())('are never in memory together', async () => {
    const { bank, wanted } = await bankOfLargeBlobs();
    const sizes = new Map(wanted.map(({ oid, byteSize }) => [oid, byteSize]));
    // A set, because a request that gets no answer is sent again.
    const requested = new Set<string>();
    let mostRequestedBytes = 0;
    bank.github.hook.before('request', (options) => {
      const request = JSON.stringify(options);
      for (const oid of sizes.keys()) if (request.includes(oid)) requested.add(oid);
      const bytes = [...requested].reduce((sum, oid) => sum + (sizes.get(oid) ?? 0), 0);
      mostRequestedBytes = Math.max(mostRequestedBytes, bytes);
    });
    const used: WeakRef<Uint8Array>[] = [];
    let mostHeldBytes = 0;
    const use = (oid: string, reading: BlobReading): void => {
      if (reading.kind === 'failed') throw new Error(reading.failure.message);
      requested.delete(oid);
      collectGarbage();
      used.push(new WeakRef(reading.content));
      const held = used.reduce((sum, content) => sum + (content.deref()?.length ?? 0), 0);
      mostHeldBytes = Math.max(mostHeldBytes, held);
    };
    expect(await readBlobs(contextOf(bank), wanted, { use })).toBeUndefined();
    expect(used).toHaveLength(48);
    expect(mostRequestedBytes).toBeLessThanOrEqual(4_000_000);
    expect(mostHeldBytes).toBeLessThanOrEqual(4_000_000);
  });

  it.each(
    sampled(
      [
        // Two requests are in flight at a time.
        ['as far as time allows', 3, 4],
        ['by one request if there is no time left', 0, 1],
      ] as const,
      1,
    ),
  )('are read %s', async (_, requests, mostRequests) => {
    const { bank, wanted } = await bankOfLargeBlobs();
    const { requests: sent } = bank.site.traffic;
    const total = () => (sent.get(ROUTES.graphql) ?? 0) + (sent.get(GET_BLOB) ?? 0);
    const before = total();
    const deferral: Deferral = { kind: 'out-of-time', resumeAt: new Date(0), message: 'no time is left' };
    const stop = () => (total() - before < requests ? undefined : deferral);
    let read = 0;
    const use = (): void => {
      read += 1;
    };
    expect(await readBlobs({ ...contextOf(bank), stop }, wanted, { use })).toBe(deferral);
    expect(total() - before).toBeGreaterThanOrEqual(Math.max(requests, 1));
    expect(total() - before).toBeLessThanOrEqual(mostRequests);
    // Each of these requests is a query for five texts.
    expect(read).toBe(5 * (total() - before));
  });

  it('are read by so many requests at most', async () => {
    const { bank, wanted } = await bankOfLargeBlobs();
    let read = 0;
    const use = (): void => {
      read += 1;
    };
    expect(await readBlobs(contextOf(bank), wanted, { use, maxRequests: 7 })).toBeUndefined();
    expect([bank.requests(ROUTES.graphql), bank.requests(GET_BLOB)]).toEqual([5, 2]);
    expect(read).toBe(24 + 2);
  });
});
