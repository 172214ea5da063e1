import { App, Validations } from 'aws-cdk-lib';
import { bundleFunctions } from './bundles.ts';
import { ItemSyncStack } from './item-sync-stack.ts';
import { assertSettingNames, describeSettings, readSettings } from './settings.ts';
import { readStageFile } from './stage-file.ts';

try {
  const app = new App();
  const fromContext = (name: string): unknown => app.node.tryGetContext(name);
  const fromStageFile = readStageFile(fromContext('stage'));
  const given = (name: string): unknown => fromContext(name) ?? fromStageFile[name];
  assertSettingNames(Object.keys(app.node.getAllContext()));
  const settings = readSettings(given);
  console.error(`Settings of the stage:\n${describeSettings(given)}`);
  new ItemSyncStack(app, settings, await bundleFunctions());
  // The CDK's own switch, which `cdk synth --no-validation` sets too.
  if (process.env['CDK_VALIDATION'] !== 'false') {
    const { AwsSolutionsChecks, ServerlessChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  }
  app.synth();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
