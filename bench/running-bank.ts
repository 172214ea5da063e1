import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedRepository } from '../functions/shared/contract/repositories.ts';
import { type Closing, createClosing } from './closing.ts';
import { readBank } from './github/bank-reader.ts';
import { type BenchGitHub, startGitHub } from './github/github.ts';
import type { BenchAssembly } from './product/assembly.ts';
import { type Installation, install, type Ports } from './product/installation.ts';
import { fillMirror } from './product/mirror-fill.ts';
import type { CheckedWebhooks } from './scenarios.ts';

export interface BankSetting {
  ports: Ports;
  assembly: BenchAssembly;
  /** A folder that does not exist yet. */
  folder: string;
  closing: Closing;
  print: (line: string) => void;
}

export interface FilledBankPlan {
  ids: number;
  webhooks: CheckedWebhooks;
  /** Where webhooks deliver to; nowhere by default. */
  deliverTo?: string;
}

/** A bank without limits, and an installation whose mirror shows it. */
export interface FilledBank {
  installation: Installation;
  github: BenchGitHub;
  repositories: readonly ListedRepository[];
}

/** Starts a bank and an installation, fills its mirror, and stops both after use. */
export function withFilledBank<T>(
  setting: BankSetting,
  plan: FilledBankPlan,
  use: (bank: FilledBank) => Promise<T>,
): Promise<T> {
  return withEmptyMirror(setting, plan, async ({ installation, github }) => {
    setting.print(`filling the mirror with ${plan.ids} items`);
    const repositories = await readBank(github.url).list();
    await fillMirror(github.url, installation, { repositories, webhooks: plan.webhooks });
    return use({ installation, github, repositories });
  });
}

/** As `withFilledBank`, but the mirror stays empty. */
export async function withEmptyMirror<T>(
  { ports, assembly, folder, ...setting }: BankSetting,
  { ids, deliverTo }: Omit<FilledBankPlan, 'webhooks'>,
  use: (bank: Omit<FilledBank, 'repositories'>) => Promise<T>,
): Promise<T> {
  const closing = createClosing();
  setting.closing.add(closing.all);
  await mkdir(folder);
  try {
    const installation = await install({
      ports,
      stateFolder: join(folder, 'cloud'),
      assemblyFolder: assembly.folder,
      closing,
    });
    const github = await startGitHub({
      port: ports.github,
      stateFolder: join(folder, 'github'),
      repositories: ids,
      withoutProjectWebhook: 0,
      latencyMs: 0,
      limits: 'off',
      ...(deliverTo !== undefined && { deliverTo }),
    });
    closing.add(github.end);
    return await use({ installation, github });
  } finally {
    await closing.all();
    await rm(folder, { recursive: true, force: true });
  }
}
