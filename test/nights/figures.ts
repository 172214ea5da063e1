import type { NightFigures } from './night.ts';

/** What happened in several nights. */
export interface Figures {
  firstSeed: number;
  /** Nights without a failure. */
  nights: number;
  runs: number;
  seconds: number;
  /** How often each class of incidents happened. */
  happened: Map<string, number>;
  failures: { seed: number; message: string }[];
}

export const noFigures = (firstSeed: number): Figures => ({
  ...{ firstSeed, nights: 0, runs: 0, seconds: 0, happened: new Map(), failures: [] },
});

export function addFigures(figures: Figures, { happened, runs }: NightFigures): void {
  figures.nights += 1;
  figures.runs += runs;
  for (const [name, count] of happened) {
    figures.happened.set(name, (figures.happened.get(name) ?? 0) + count);
  }
}
