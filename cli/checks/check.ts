import { describeAwsError } from '../connection/aws.ts';
import { describeError } from '../describe/errors.ts';
import { join, type Paint, pad, type Text, type Tone } from '../terminal/paint.ts';

/** `unknown`: the check was not possible, which says nothing about what it checks. */
type Result = 'ok' | 'failed' | 'unknown';

export interface Check {
  name: string;
  result: Result;
  /** What was found. */
  detail: string;
  /** What to do. */
  advice?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, result: 'ok', detail });

export const failed = (name: string, detail: string, advice: string): Check => ({
  name,
  result: 'failed',
  detail,
  advice,
});

export const unknown = (name: string, detail: string, advice: string): Check => ({
  name,
  result: 'unknown',
  detail,
  advice,
});

/** Carries out a check. An expected error makes it fail, and its sentence becomes the advice. */
export async function check(name: string, carryOut: () => Promise<Check>): Promise<Check> {
  try {
    return await carryOut();
  } catch (error) {
    const sentence = describeError(error)?.sentence ?? describeAwsError(error);
    if (sentence === undefined) throw error;
    return failed(name, 'the check could not be carried out', sentence);
  }
}

const RESULTS: Record<Result, { word: string; tone: Tone }> = {
  ok: { word: 'ok', tone: 'good' },
  failed: { word: 'failed', tone: 'bad' },
  unknown: { word: 'unknown', tone: 'warning' },
};
const WORD_WIDTH = 'unknown'.length;
const NAME_WIDTH = 22;

/** A line for the result, and one for the advice. */
export function describeCheck({ name, result, detail, advice }: Check, paint: Paint): Text[] {
  const { word, tone } = RESULTS[result];
  const indent = ' '.repeat(WORD_WIDTH + 2);
  return [
    join([pad(paint(word, tone), WORD_WIDTH), paint(name.padEnd(NAME_WIDTH)), paint(detail)], paint('  ')),
    ...(advice === undefined ? [] : [paint(`${indent}${advice}`)]),
  ];
}
