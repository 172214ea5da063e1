import { readHeads } from '../../../functions/github/heads.ts';
import {
  type HistoryReading,
  readHistories,
  readRestOfHistory,
  type WantedHistory,
} from '../../../functions/github/histories.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ROUTES } from '../../support/bank.ts';
import { contextOf } from './support.ts';

/** Reads the heads, and asks for their histories. */
export async function atHeads(
  bank: Bank,
  repositories: readonly ListedRepository[],
): Promise<(ListedRepository & WantedHistory)[]> {
  const heads = await readHeads(contextOf(bank), repositories);
  bank.requests(ROUTES.graphql);
  return repositories.map((repository) => {
    const reading = heads.get(repository.itemBankId);
    if (reading?.kind !== 'read') throw new Error(`${repository.repositoryName} was not read`);
    return { ...repository, commit: reading.head.commit };
  });
}

/** All pages of a history. */
export async function historyOf(bank: Bank, wanted: WantedHistory): Promise<HistoryReading | undefined> {
  const reading = (await readHistories(contextOf(bank), [wanted])).get(wanted.itemBankId);
  return reading?.kind === 'open' ? readRestOfHistory(contextOf(bank), reading.history) : reading;
}

export function shasOf(reading: HistoryReading | undefined): string[] {
  if (reading?.kind !== 'read') throw new Error(`No history was read: ${JSON.stringify(reading)}`);
  return reading.commits.map(({ sha }) => sha);
}
