import { InvalidArgumentError } from '@commander-js/extra-typings';
import { jobExecutionId } from '../functions/shared/contract/ids.ts';

/** @throws InvalidArgumentError */
export function parseRunId(text: string): number {
  try {
    return jobExecutionId(/^\d+$/.test(text) ? Number(text) : Number.NaN);
  } catch {
    throw new InvalidArgumentError('A job execution id is a whole number of at least 1.');
  }
}

/** A parser of whole numbers within limits. */
export const wholeNumber =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };

/** @throws InvalidArgumentError unless it is a calendar day, such as 2026-11-28. */
export function parseDay(text: string): string {
  const isDay =
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text);
  if (isDay) return text;
  throw new InvalidArgumentError('It must be a day such as 2026-11-28 (UTC).');
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `2h`, `3d` as milliseconds. @throws InvalidArgumentError */
export function parsePeriod(text: string): number {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number !== undefined && (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd')) {
    return Number(number) * UNIT_MS[unit];
  }
  throw new InvalidArgumentError('It must be a number with a unit: 90s, 10m, 2h or 3d.');
}
