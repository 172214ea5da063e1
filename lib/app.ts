import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { ItemSyncStack } from './item-sync-stack.ts';
import { readSettings } from './settings.ts';
import { readStageFile } from './stage-file.ts';

try {
  const app = new App();
  const given = (name: string): unknown => app.node.tryGetContext(name);
  const ofStage = readStageFile(given('stage'));
  new ItemSyncStack(
    app,
    readSettings((name) => given(name) ?? ofStage[name]),
  );
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
