import { Cron } from 'croner';

export interface Schedule {
  /** The first run after `time`, or null when there are no more. */
  next(time: Date): Date | null;
}

/**
 * Parses an EventBridge schedule expression, in UTC. A rate counts from `startedAt`, as a deployed rule counts from its
 * creation.
 *
 * @throws {Error} naming an expression that is not supported
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseSchedule(expression: string, startedAt: Date): Schedule {
  const [, kind, argument = ''] = /^(cron|rate)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return parseCron(expression, argument);
  if (kind === 'rate') return parseRate(expression, { argument, startedAt });
  throw unsupported(expression);
}

const unsupported = (expression: string, why = '') =>
  new Error(`schedule ${expression} is not supported here${why}`);

const UNIT_MS: Record<string, number> = {
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
};

interface Rate {
  argument: string;
  startedAt: Date;
}

function parseRate(expression: string, { argument, startedAt }: Rate): Schedule {
  const [, count, unit = ''] = /^([1-9]\d*) (\w+)$/.exec(argument) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined || (count === '1') === unit.endsWith('s')) throw unsupported(expression);
  const periodMs = Number(count) * unitMs;
  return {
    next: (time) => {
      const elapsedPeriods = Math.floor((time.getTime() - startedAt.getTime()) / periodMs);
      return new Date(startedAt.getTime() + Math.max(1, elapsedPeriods + 1) * periodMs);
    },
  };
}

/** The largest value of each field: `a/b` means every b-th value from a up to it. */
const FIELD_MAXIMA = ['59', '23', '31', '12', '7', '2199'];
const DAY_OF_WEEK = 4;

/** In AWS the year is last, there are no seconds, Sunday is 1, and `?` marks the day field that does not apply. */
function parseCron(expression: string, argument: string): Schedule {
  const fields = argument.trim().split(/\s+/);
  if (fields.length !== 6) throw unsupported(expression, ': it must have six fields');
  if ((fields[2] === '?') === (fields[DAY_OF_WEEK] === '?')) {
    throw unsupported(expression, ': exactly one of the two day fields must be ?');
  }
  const translated = fields.map((field, index) => {
    const withoutNames = field.replaceAll(/JAN|JUL|APR|WED/gi, '');
    if (/[LW#]/i.test(withoutNames)) throw unsupported(expression, ': L, W and # are not supported');
    const plain = field === '?' ? '*' : field.replace(/^(\d+)\//, `$1-${FIELD_MAXIMA[index]}/`);
    return index === DAY_OF_WEEK
      ? plain.replaceAll(/(?<![/\d])\d+/g, (day) => String(Number(day) - 1))
      : plain;
  });
  try {
    const cron = new Cron(['0', ...translated].join(' '), { mode: '7-part', timezone: 'UTC', paused: true });
    return { next: (time) => cron.nextRun(time) };
  } catch (error) {
    throw unsupported(expression, `: ${error instanceof Error ? error.message : error}`);
  }
}
