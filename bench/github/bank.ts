/** The organization of the benchmark. */
export const BANK = {
  organization: 'item-bank',
  token: 'simulated-github-token',
  webhookSecret: 'simulated-webhook-secret',
  // The simulated GitHub delivers nothing to it.
  projectWebhookUrl: 'https://items.example.com/webhook',
  seed: 1,
} as const;

/** GitHub's largest page size, and the maximum number of ids in one GraphQL query. */
export const PAGE_SIZE = 100;
