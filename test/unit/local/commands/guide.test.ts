import { expect, it } from 'vitest';
import type { Surroundings } from '../../../../local/bring-up.ts';
import { readConfiguration } from '../../../../local/configuration.ts';
import { formatGuide } from '../../../../local/guide.ts';

const SURROUNDINGS = {
  cloud: {
    stackName: 'item-sync-local',
    apiEndpoint: 'http://127.0.0.1:4510',
    awsEndpoint: 'http://127.0.0.1:4566',
    nextRuns: () => [],
    inert: [],
    outputs: {},
  },
  identityProvider: { issuer: '', tokenUrl: '', operatorsTokenUrl: '' },
} as unknown as Surroundings;

it('the guide of npm start names item-sync, and where all routes are described', () => {
  const facts = { interrupted: [], repository: 'item-1' };
  const guide = formatGuide(SURROUNDINGS, readConfiguration({}), facts);
  expect(guide).toContain(
    'http://127.0.0.1:4510/openapi.json describes all routes:\n\n  npx item-sync status\n',
  );
});
