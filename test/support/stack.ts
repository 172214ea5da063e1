import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ItemSyncStack } from '../../lib/item-sync-stack.ts';
import { readSettings } from '../../lib/settings.ts';

const REQUIRED_SETTINGS = {
  stage: 'test',
  organization: 'item-bank',
  projectWebhookUrl: 'https://items.example.com/webhook',
  tokenIssuer: 'https://issuer.example.com',
  tokenAudience: 'item-sync',
};

/** The template for these settings. Functions are not bundled: that takes seconds, and changes hashes only. */
export function templateFor(settings: Record<string, unknown> = {}): Template {
  const given: Record<string, unknown> = { ...REQUIRED_SETTINGS, ...settings };
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  return Template.fromStack(
    new ItemSyncStack(
      app,
      readSettings((name) => given[name]),
    ),
  );
}
