declare const brand: unique symbol;
type Branded<T, Name> = T & { readonly [brand]: Name };

/** The numeric GitHub repository id: the key of everything. Names change; ids do not. */
export type ItemBankId = Branded<number, 'ItemBankId'>;
/** 1, 2, 3, … in the order in which executions were registered. */
export type JobExecutionId = Branded<number, 'JobExecutionId'>;

/** @throws RangeError unless `value` is a positive safe integer. */
export function itemBankId(value: number): ItemBankId {
  return positiveInteger(value, 'item bank id') as ItemBankId;
}

/** @throws RangeError unless `value` is a positive safe integer. */
export function jobExecutionId(value: number): JobExecutionId {
  return positiveInteger(value, 'job execution id') as JobExecutionId;
}

function positiveInteger(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${String(value)} is not a ${what}: a whole number from 1 to 2^53 - 1`);
}
