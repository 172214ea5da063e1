import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type SimulatedGitHub, startSimulatedGitHub } from '../../local/github/simulated-github.ts';

export const TOKEN = 'a-token-that-nobody-may-see';
const RECEIVER = 'https://items.example.com/webhook';

/** What `--write` needs. */
export const TO_WRITE = { PROJECT_WEBHOOK_URL: RECEIVER, PROJECT_WEBHOOK_SECRET: 'signs-deliveries' };

/** An organization of 12 repositories, 3 without the project webhook. To the commands it is a real one on another host. */
export async function startOrganization(): Promise<{
  site: SimulatedGitHub;
  environment: Record<string, string>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-organization-'));
  const site = await startSimulatedGitHub({
    port: 0,
    stateFolder: folder,
    organization: 'Acme',
    token: TOKEN,
    repositories: 12,
    withoutProjectWebhook: 3,
    projectWebhookUrl: RECEIVER,
    seed: 1,
    latencyMs: 0,
    limits: 'off',
  });
  onTestFinished(async () => {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { site, environment: { ITEM_BANK_ORG: 'Acme', GITHUB_API_URL: site.url, GITHUB_TOKEN: TOKEN } };
}

export const writesTo = ({ traffic }: SimulatedGitHub): string[] =>
  [...traffic.requests.keys()].filter((route) => !/^(GET|POST \/graphql)/.test(route));
