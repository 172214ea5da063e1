import type { Bank } from './bank/bank.ts';
import { BankError } from './bank/bank-error.ts';

/**
 * The ids of the repositories that a caller can see.
 * @param claim begins the message of the error.
 * @throws BankError when one of the repositories does not exist.
 */
export function idsOfRepositories(names: readonly string[], bank: Bank, claim: string): ReadonlySet<number> {
  const { login } = bank.organization;
  const ids = names.map((name) => {
    const repository = bank.repositoryNamed(login, name);
    if (repository === undefined) throw new BankError(`${claim} ${name}, which does not exist.`);
    return repository.id;
  });
  return new Set(ids);
}
