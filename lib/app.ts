import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ItemSyncStack } from './item-sync-stack.ts';
import { readSettings } from './settings.ts';

try {
  const app = new App();
  const settings = readSettings((name) => app.node.tryGetContext(name));
  new ItemSyncStack(app, settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
