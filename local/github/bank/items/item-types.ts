/** Multiple choice, multiple select, evidence-based, hot text, short answer, essay, and so on; stimulus and tutorial. */
export type ItemType =
  | 'mc'
  | 'ms'
  | 'ebsr'
  | 'htq'
  | 'sa'
  | 'wer'
  | 'gi'
  | 'eq'
  | 'ti'
  | 'mi'
  | 'wit'
  | 'stim'
  | 'tut';

export type Subject = 'ELA' | 'Math';

/**
 * Items are made in sets: a passage first, then what is asked about it, then mathematics with its tutorial. Every
 * bank of a whole set has every type.
 */
const SET: readonly ItemType[] = [
  ...(['stim', 'mc', 'ebsr', 'ms', 'mc', 'htq', 'wer', 'sa', 'mc', 'ms', 'htq', 'wit'] as const),
  ...(['tut', 'mc', 'eq', 'gi', 'mc', 'ti', 'mi', 'ms', 'eq', 'sa', 'gi', 'mc'] as const),
];

const TUTORIAL_PLACE = SET.indexOf('tut');
const WORD_LIST_PLACE = SET.indexOf('wit');

/** How the history of an item goes. */
export type Course = 'straight' | 'merged' | 'being created' | 'being revised';

const COURSES = new Map<number, Course>([
  [5, 'being created'],
  [7, 'merged'],
  [14, 'merged'],
  [20, 'being revised'],
]);

export interface PlaceInSet {
  readonly type: ItemType;
  readonly subject: Subject;
  readonly course: Course;
  /** Where in the bank the passage and the tutorial are that this item names; undefined when it names none. */
  readonly stimulusIndex: number | undefined;
  readonly tutorialIndex: number | undefined;
}

/** @param index of the repository in the order of creation. */
export function placeInSet(index: number): PlaceInSet {
  const place = index % SET.length;
  const start = index - place;
  const type = SET[place] ?? 'mc';
  const isAboutPassage = place > 0 && place < WORD_LIST_PLACE;
  const isAfterTutorial = place > TUTORIAL_PLACE && place % 2 === 1;
  return {
    type,
    subject: place < TUTORIAL_PLACE ? 'ELA' : 'Math',
    course: COURSES.get(place) ?? 'straight',
    stimulusIndex: isAboutPassage ? start : undefined,
    tutorialIndex: isAfterTutorial ? start + TUTORIAL_PLACE : undefined,
  };
}
