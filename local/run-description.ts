import { UsageError } from '../cli/usage-error.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { type Configuration, stackSettings } from './configuration.ts';
import { describeBank, type ItemBank, missingForWriting } from './item-bank.ts';

export interface PlannedRun {
  configuration: Pick<Configuration, 'bank'>;
  dryRun: boolean;
}

/** Says which bank a run works on and whether it writes; no line for the default, a run that writes to the made-up bank. */
export function describeRun({ configuration: { bank }, dryRun }: PlannedRun): string[] {
  if (dryRun) {
    return [
      `Working on ${describeBank(bank)}: a dry run, which writes nothing. To write, ${howToWrite(bank)}.`,
    ];
  }
  if (bank.kind === 'real') {
    return [`Working on ${describeBank(bank)}: the run writes its webhooks, and the mirror on this machine.`];
  }
  return bank.folder === undefined ? [] : [`Working on ${describeBank(bank)}.`];
}

function howToWrite(bank: ItemBank): string {
  if (bank.kind === 'simulated') return 'use npm run sync';
  const missing = missingForWriting(bank);
  const condition = missing.length === 0 ? '' : `set ${missing.join(' and ')}, and `;
  return `${condition}use npm run sync -- --write`;
}

/**
 * Names the settings in which a running cloud differs from the configuration. It keeps those it was started with.
 *
 * @throws UsageError if this run is to write and the cloud was not started for that.
 */
export function compareWithRunning(running: RunningCloud, configuration: Configuration): string[] {
  const { dryRunOnly, ...wanted } = stackSettings(configuration);
  if (running.notes['dryRunOnly'] === 'true' && dryRunOnly === 'false') {
    throw new UsageError(
      'The running embedded cloud was started without --write: end it, and use npm start -- --write.',
    );
  }
  const differences = Object.entries(wanted)
    .filter(([name, value]) => running.notes[name] !== value)
    .map(([name, value]) => `${name} is ${running.notes[name]} there and ${value} here`);
  if (differences.length === 0) return [];
  return [`The running embedded cloud keeps its settings until it ends: ${differences.join(', ')}.`];
}
