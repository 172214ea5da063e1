#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('npx item-sync', async () => {
  const { runItemSync } = await import('./run.ts');
  return runItemSync(process.argv.slice(2), async () => {
    // Loaded only if no API is named. This is the one place in which the CLI knows the embedded cloud.
    const { findRunningStack } = await import('../local/running-stack.ts');
    return findRunningStack(process.env);
  });
});
