import * as z from 'zod';
import { ESTIMATED_QUERY_TIMES, startSimulatedGitHub } from '../../local/github/simulated-github.ts';
import { BANK } from '../github/bank.ts';
import { readOptions, serve } from './serve.ts';

const { deliverTo, ...options } = readOptions(
  z.object({
    port: z.number(),
    stateFolder: z.string(),
    repositories: z.number(),
    withoutProjectWebhook: z.number(),
    latencyMs: z.number(),
    deliverTo: z.string().exactOptional(),
    limits: z.union([z.literal('off'), z.strictObject({ restRequestsPerHour: z.number().exactOptional() })]),
  }),
);
// Queries take no time until the benchmark asks for it.
const queryTimes = { baseMs: 0, perRepositoryMs: 0, perGitObjectMs: 0 };
const { organization, token, projectWebhookUrl, webhookSecret, seed } = BANK;
const { traffic, url, close } = await startSimulatedGitHub({
  ...options,
  organization,
  token,
  projectWebhookUrl,
  projectWebhookSecret: webhookSecret,
  seed,
  queryTimes,
  ...(deliverTo !== undefined && { projectWebhookUrl: deliverTo, deliveries: 'on' }),
});
serve({
  started: { url },
  answers: {
    usage: () => ({ ...traffic.usage(), requests: Object.fromEntries(traffic.requests) }),
    reset: () => traffic.reset(),
    takeTime: () => void Object.assign(queryTimes, ESTIMATED_QUERY_TIMES),
  },
  close,
});
