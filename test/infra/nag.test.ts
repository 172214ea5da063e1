import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import type { ItemSyncStack } from '../../lib/item-sync-stack.ts';
import { NO_ISSUER, stackFor } from '../support/stack.ts';

interface Report {
  pluginReports: { pluginName: string; violations: { ruleName: string }[] }[];
}

/** Rules that find something when the stack is synthesized as for a deployment, whether errors or warnings. */
function findings(stack: ItemSyncStack): string[] {
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const { directory } = app.synth();
  const report: Report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  const packs = report.pluginReports.filter(({ pluginName }) =>
    /^(AwsSolutions|Serverless)$/.test(pluginName),
  );
  return packs.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

it.each([
  ['of a stage with an issuer', {}],
  ['of a stage that brings its own issuer', NO_ISSUER],
  ['of a stage that may be thrown away', { ...NO_ISSUER, disposable: 'true' }],
  ['of a stage whose alarms go to a topic', { alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:ops' }],
])('the rules of cdk-nag find nothing in the stack %s', (_, settings) => {
  expect(findings(stackFor(settings))).toEqual([]);
});

it('the rules of cdk-nag find what a stack does wrong, whichever pack they are of', () => {
  const stack = stackFor();
  new Queue(stack, 'Queue');
  expect(findings(stack)).toEqual(
    expect.arrayContaining(['AwsSolutions-SQS4', 'Serverless-SQSRedrivePolicy']),
  );
});
