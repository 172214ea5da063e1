import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
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
  const { directory } = app.synth();
  const report: Report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  const packs = report.pluginReports.filter(({ pluginName }) => !pluginName.includes('Annotation'));
  return packs.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

function withCdkNag(stack: ItemSyncStack): ItemSyncStack {
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return stack;
}

it.each([
  ['of a stage with an issuer', {}],
  ['of a stage that brings its own issuer', NO_ISSUER],
  ['of a disposable stage', { ...NO_ISSUER, disposable: 'true' }],
  ['of a stage whose alarms go to a topic', { alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:ops' }],
])('the rules of cdk-nag find nothing in the stack %s', (_, settings) => {
  expect(findings(withCdkNag(stackFor(settings)))).toEqual([]);
});

it('the rules of cdk-nag find what a stack does wrong, in both packs', () => {
  const stack = withCdkNag(stackFor());
  new Queue(stack, 'Queue');
  expect(findings(stack)).toEqual(
    expect.arrayContaining(['AwsSolutions-SQS4', 'Serverless-SQSRedrivePolicy']),
  );
});

// One validation for both, because it takes five seconds on an idle core.
it('the rules of CloudFormation find a property that does not exist, and nothing else in the stack', {
  timeout: 240_000,
}, () => {
  const stack = stackFor(NO_ISSUER, { builtinCloudFormationValidation: true });
  new CfnQueue(stack, 'Queue').addPropertyOverride('NoSuchProperty', 'value');
  // F3002: a property that the type does not have.
  expect(findings(stack)).toEqual(['F3002']);
});
