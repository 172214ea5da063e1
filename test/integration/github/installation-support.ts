import { createGitHub, type GitHub } from '../../../functions/github/github.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { checkWebhook, type WebhookContext } from '../../../functions/webhooks/check-webhook.ts';
import { repositoryWebhooks } from '../../../functions/webhooks/webhook-target.ts';
import {
  type Bank,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { createClock, withoutPause } from '../../support/clock.ts';
import { contextOf, createApp } from './support.ts';

export const TOKENS = 'POST /app/installations/{installation_id}/access_tokens';
export const INSTALLATION = 'GET /orgs/{org}/installation';

const { app, installed } = createApp();
export const APP = app;

/** A bank whose organization has installed the App on all repositories, or on the selected ones. */
export async function startBankOfApp(selected?: readonly string[]): Promise<Bank> {
  const selection = selected && { repositories: selected };
  return startBank({ repositories: 3, withoutProjectWebhook: 0, app: { ...installed, ...selection } });
}

export const connect = ({ site }: Bank, changes: Partial<typeof APP> = {}): GitHub =>
  createGitHub({ apiUrl: site.url, app: { ...APP, ...changes }, pause: withoutPause, clock: createClock() });

/** The client asks GitHub for its installation. */
export function connectByOrganization({ site }: Bank): GitHub {
  const { installationId: _, ...withoutId } = APP;
  return createGitHub({ apiUrl: site.url, app: withoutId, pause: withoutPause });
}

export const contextBy = (bank: Bank, github: GitHub) => ({
  ...contextOf(bank),
  github,
  projectWebhookUrl: PROJECT_WEBHOOK_URL,
  webhookSecret: WEBHOOK_SECRET,
});

export const check = (context: WebhookContext, { repositoryName }: ListedRepository) =>
  checkWebhook(context, repositoryWebhooks(context, repositoryName), undefined);

export const readOrganization = (github: GitHub) => github.rest.orgs.get({ org: ORGANIZATION });
export const UNAUTHORIZED = { status: 401, body: { message: 'Bad credentials' } } as const;
export const failing = (pathPrefix: string, times: number, method = 'GET') => ({
  method,
  pathPrefix,
  times,
  outcome: UNAUTHORIZED,
});
