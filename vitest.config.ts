import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test (what each may touch: docs/architecture.md). The e2e project runs its files one
 * after another, because each brings the embedded cloud up on the same ports.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          globalSetup: 'test/support/assembly.ts',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/fault/**/*.test.ts'],
          globalSetup: 'test/support/assembly.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'property', include: ['test/property/**/*.test.ts'] } },
    ],
  },
});
