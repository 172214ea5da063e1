import { Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  type GitHubSecret as Content,
  TOKEN_PLACEHOLDER,
} from '../functions/shared/contract/github-secret.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { protectionOf } from './protection.ts';
import type { Settings } from './settings.ts';

const TEMPLATE: Omit<Content, 'webhookSecret'> = { githubToken: TOKEN_PLACEHOLDER };
const GENERATED: keyof Content = 'webhookSecret';

/** Holds the GitHub token, which an operator stores after the first deployment, and a generated webhook secret. */
export class GitHubSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      secretName: resourceNames(settings.stage).githubSecret,
      description:
        'Store githubToken, or githubApp instead of it, here after the first deployment. GitHub signs its deliveries with webhookSecret.',
      generateSecretString: {
        secretStringTemplate: JSON.stringify(TEMPLATE),
        generateStringKey: GENERATED,
        excludePunctuation: true,
        passwordLength: 40,
      },
      removalPolicy: protectionOf(settings).removalPolicy,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'GitHub has no API that rotates a token. The runbook describes how to rotate it by hand.',
    });
  }
}
