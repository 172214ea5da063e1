import type { RunningCloud } from './cloud/state-folder.ts';
import { type Configuration, stackSettings } from './configuration.ts';
import { describeBank, type ItemBank, missingForWriting } from './item-bank.ts';
import { UsageError } from './usage-error.ts';

export interface AnnouncedRun {
  configuration: Pick<Configuration, 'bank'>;
  dryRun: boolean;
}

/** What a run works on and whether it writes, in one line; nothing for the bank that is made up, which is written to. */
export function announceRun({ configuration: { bank }, dryRun }: AnnouncedRun): string[] {
  if (dryRun) {
    return [`Working on ${describeBank(bank)}: a dry run, which writes nothing. To write, ${toWrite(bank)}.`];
  }
  if (bank.kind === 'real') {
    return [`Working on ${describeBank(bank)}: its webhooks are written, and the mirror on this machine.`];
  }
  return bank.folder === undefined ? [] : [`Working on ${describeBank(bank)}.`];
}

function toWrite(bank: ItemBank): string {
  if (bank.kind === 'simulated') return 'npm run sync';
  const missing = missingForWriting(bank);
  const condition = missing.length === 0 ? '' : `set ${missing.join(' and ')}, and `;
  return `${condition}npm run sync -- --write`;
}

/**
 * Says where the cloud that is up, which keeps the settings that it was started with, is not as it is wanted now.
 *
 * @throws UsageError when it is to write and was not started for that.
 */
export function compareWithRunning(running: RunningCloud, configuration: Configuration): string[] {
  const { dryRunOnly, ...wanted } = stackSettings(configuration);
  if (running.notes['dryRunOnly'] === 'true' && dryRunOnly === 'false') {
    throw new UsageError(
      'The embedded cloud that is up was started without --write: end it, and use npm start -- --write.',
    );
  }
  const differences = Object.entries(wanted)
    .filter(([name, value]) => running.notes[name] !== value)
    .map(([name, value]) => `${name} is ${running.notes[name]} there and ${value} here`);
  if (differences.length === 0) return [];
  return [`The embedded cloud that is up keeps its settings until it ends: ${differences.join(', ')}.`];
}
