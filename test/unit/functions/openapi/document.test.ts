import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { describeRoutes } from '../../../../functions/openapi/document.ts';
import { ROUTES } from '../../../../functions/shared/contract/routes.ts';
import { differencesFrom } from '../../../support/openapi.ts';

const document = describeRoutes();

describe('the description of the API', () => {
  it('is the same as docs/openapi.json: npm run docs:openapi', async () => {
    expect(JSON.parse(await readFile('docs/openapi.json', 'utf8'))).toEqual(document);
  });

  it('passes the linter', async () => {
    // The project has no license, and neither has its API.
    const config = await createConfig({ extends: ['recommended-strict'], rules: { 'info-license': 'off' } });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  it('has every route, and no other', () => {
    const { paths } = document as { paths: Record<string, Record<string, { operationId: string }>> };
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(
        ([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`,
      ),
    );
    const routes = Object.entries(ROUTES).map(([name, { method, path }]) => `${name}: ${method} ${path}`);
    expect(described.sort()).toEqual(routes.sort());
  });
});

describe('a comparison with the description of the API', () => {
  const exchange = {
    method: 'POST',
    path: '/sync',
    requestBody: '{"dryRun":true}',
    status: 202,
    contentType: 'application/json',
    body: {
      jobExecutionId: 1,
      name: 'itemSynchronizationJob',
      status: 'STARTING',
      message: 'Job execution 1 was started',
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:item-sync-test:sync-1-a',
    },
  };

  it('finds nothing in a documented exchange', () => {
    expect(differencesFrom(exchange)).toEqual([]);
  });

  it.each([
    ['an unknown route', { path: '/synk' }, 'POST /synk is not documented'],
    ['an undocumented status', { status: 201 }, 'does not document the status 201'],
    ['another media type', { contentType: 'text/html' }, 'does not document text/html for 202'],
    ['an unknown member', { body: { ...exchange.body, extra: 1 } }, '"additionalProperty":"extra"'],
    ['a missing member', { body: { jobExecutionId: 1 } }, "must have required property 'status'"],
    ['an unknown value', { body: { ...exchange.body, status: 'DONE' } }, '/status must be equal to one of'],
    ['an undocumented option', { requestBody: '{"dryrun":true}' }, '"additionalProperty":"dryrun"'],
    ['an undocumented parameter', { path: '/sync?dry=1' }, 'the parameter dry is not documented'],
  ])('finds %s', (_, change, difference) => {
    expect(differencesFrom({ ...exchange, ...change }).join('\n')).toContain(difference);
  });
});
