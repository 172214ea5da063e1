import { App, type AppProps } from 'aws-cdk-lib';
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

/** Of a stack that brings its own. */
export const NO_ISSUER = { tokenIssuer: undefined, tokenAudience: undefined };

/**
 * The stack for these settings. Without bundles and without the CDK's own validation of templates, which take seconds:
 * the code of the functions only changes hashes, and test/infra/validation.test.ts validates the template.
 */
export function stackFor(settings: Record<string, unknown> = {}, props: AppProps = {}): ItemSyncStack {
  const given: Record<string, unknown> = { ...REQUIRED_SETTINGS, ...settings };
  const app = new App({
    context: { 'aws:cdk:disable-asset-staging': true, '@aws-cdk/core:failSynthOnValidationErrors': false },
    builtinCloudFormationValidation: false,
    ...props,
  });
  return new ItemSyncStack(
    app,
    readSettings((name) => given[name]),
    () => import.meta.dirname,
  );
}

export const templateFor = (settings?: Record<string, unknown>): Template =>
  Template.fromStack(stackFor(settings));
