// Thirty days: long enough to look into a run of last month. DynamoDB removes expired rows within a few days more.
const WORKING_ROW_DAYS = 30;
const DAY_SECONDS = 86_400;

/** The table's TTL attribute, epoch seconds, for rows that only serve the run and those who look into it. */
export function expiry(now: Date): { expiresAt: number } {
  return { expiresAt: Math.floor(now.getTime() / 1_000) + WORKING_ROW_DAYS * DAY_SECONDS };
}
