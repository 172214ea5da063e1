import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METRICS } from '../../../functions/shared/contract/metrics.ts';

it('the operations page names every metric with its unit, and no others', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const [, section = ''] = /^## Metrics$([\s\S]*?)^## /m.exec(page) ?? [];
  const documented = [...section.matchAll(/^\| (`.+`) \| (\w+) \| .+ \|$/gm)].flatMap(
    ([, names = '', unit]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, unit]),
  );
  expect(Object.fromEntries(documented)).toEqual(METRICS);
});
