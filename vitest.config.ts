import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { Extent } from './test/support/extent.ts';

/** The end-to-end tests of `npm test`. Some of them sample their cases, too. All of them together take minutes. */
const SAMPLED_E2E = [
  'test/e2e/{commands,kill-and-restart,live-updates,run,schedule}.test.ts',
  'test/fault/dropped-connections.test.ts',
];
const ALL_E2E = ['test/{e2e,fault}/**/*.test.ts'];

/** What shows the same at a small size, or takes a second or two. */
const SAMPLED_SCALE = ['test/scale/{long-histories,many-blobs,pages-of-outcomes}.test.ts'];
const ALL_SCALE = ['test/scale/**/*.test.ts'];

/** One small night, and the simulated time. A night of full size takes seconds. */
const SAMPLED_NIGHTS = ['test/nights/{small-night,reliability-page}.test.ts'];
const ALL_NIGHTS = ['test/nights/**/*.test.ts'];

/** Far more than any test needs, so that only a test that hangs reaches it, however busy the machine is. */
const HANGS_AFTER_MS = 600_000;

/** One project per kind of test. docs/contributing.md says what each may touch. */
export default defineConfig(({ mode }) => {
  const extent: Extent = mode === 'full' ? 'full' : 'sample';
  const synthesis = 'test/support/assembly.ts';
  return {
    test: {
      provide: { extent },
      // Named here, because Vitest replaces its default by a shorter report for some environments.
      reporters: ['default'],
      // A file takes one line unless a test fails.
      slowTestThreshold: HANGS_AFTER_MS,
      projects: [
        project('unit', { include: ['test/unit/**/*.test.ts'] }),
        project('integration', { include: ['test/integration/**/*.test.ts'] }),
        project('infra', { include: ['test/infra/**/*.test.ts'], globalSetup: synthesis }),
        project('e2e', { include: extent === 'full' ? ALL_E2E : SAMPLED_E2E, globalSetup: synthesis }),
        project('nights', { include: extent === 'full' ? ALL_NIGHTS : SAMPLED_NIGHTS }),
        project('scale', { include: extent === 'full' ? ALL_SCALE : SAMPLED_SCALE }),
        project('property', { include: ['test/property/**/*.test.ts'] }),
      ],
    },
  };
});

function project(
  name: string,
  options: TestProjectInlineConfiguration['test'],
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      // Vitest would use one worker on two cores.
      maxWorkers: 2,
      // Loading the modules again for every file would take longer than most files do.
      isolate: false,
      testTimeout: HANGS_AFTER_MS,
      hookTimeout: HANGS_AFTER_MS,
      ...options,
    },
  };
}
