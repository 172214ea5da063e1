/** The organization that everybody asks in a benchmark. */
export const BANK = {
  organization: 'item-bank',
  token: 'simulated-github-token',
  webhookSecret: 'simulated-webhook-secret',
  // Nothing is delivered to it.
  projectWebhookUrl: 'https://items.example.com/webhook',
  seed: 1,
} as const;

/** GitHub's largest page, and the most ids of one GraphQL query. */
export const PAGE_SIZE = 100;
