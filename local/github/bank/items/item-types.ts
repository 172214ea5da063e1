/** Multiple choice, multiple select, evidence-based, hot text, short answer, essay, and so on; stimulus and tutorial. */
export type ItemType =
  | 'mc'
  | 'ms'
  | 'ebsr'
  | 'htqo'
  | 'htqs'
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
 * Items are created in sets: a passage and the questions about it, then a tutorial and mathematics. A complete set has
 * every type of item.
 */
const SET: readonly ItemType[] = [
  ...(['stim', 'mc', 'ebsr', 'ms', 'mc', 'htqs', 'wer', 'sa', 'mc', 'ms', 'htqo', 'wit'] as const),
  ...(['tut', 'mc', 'eq', 'gi', 'mc', 'ti', 'mi', 'ms', 'eq', 'sa', 'gi', 'mc'] as const),
];

const TUTORIAL_INDEX = SET.indexOf('tut');
const WORD_LIST_INDEX = SET.indexOf('wit');

/** The shape of an item's history. */
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
  /** The indexes of the passage and the tutorial that the item refers to, if any. */
  readonly stimulusIndex: number | undefined;
  readonly tutorialIndex: number | undefined;
}

/** @param index of the repository in the order of creation. */
export function placeInSet(index: number): PlaceInSet {
  const place = index % SET.length;
  const start = index - place;
  const type = SET[place] ?? 'mc';
  const isAboutPassage = place > 0 && place < WORD_LIST_INDEX;
  const isAfterTutorial = place > TUTORIAL_INDEX && place % 2 === 1;
  return {
    type,
    subject: place < TUTORIAL_INDEX ? 'ELA' : 'Math',
    course: COURSES.get(place) ?? 'straight',
    stimulusIndex: isAboutPassage ? start : undefined,
    tutorialIndex: isAfterTutorial ? start + TUTORIAL_INDEX : undefined,
  };
}
