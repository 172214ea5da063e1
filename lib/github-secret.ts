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

/** The GitHub token, put there by an operator after the first deployment, and the webhook secret, made here. */
export class GitHubSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      secretName: resourceNames(settings.stage).githubSecret,
      description:
        'Put githubToken, or githubApp in its place, there after the first deployment. webhookSecret: GitHub signs with it.',
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
      reason: 'GitHub has no interface that rotates a token. The runbook of the organization does.',
    });
  }
}
