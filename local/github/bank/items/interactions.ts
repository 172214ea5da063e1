import type { Random } from '../random.ts';
import type { ItemType, Subject } from './item-types.ts';
import { answer, passage, pick, question } from './prose.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The content of `core.en`, which students see. It depends on the type of the item. */
export function englishContent(type: ItemType, subject: Subject, random: Random): Fields {
  return { ...interaction(type, subject, random), isRequired: 'true', isProvided: true };
}

function interaction(type: ItemType, subject: Subject, random: Random): Fields {
  const prompt = question(subject, random);
  switch (type) {
    case 'stim':
      return { content: '<p>Read the passage. Then answer the questions.</p>', passages: [passage(random)] };
    case 'tut':
      return { content: '<p>Click an answer to choose it. Click another to change your choice.</p>' };
    case 'mc':
      return { prompt, options: options(subject, random, 1) };
    case 'ms':
      return { prompt, options: options(subject, random, 2) };
    case 'ebsr':
      return {
        partAPrompt: prompt,
        partAOptions: options(subject, random, 1),
        partBPrompt: '<p>Which sentence supports your answer?</p>',
        partBOptions: options(subject, random, 1),
      };
    case 'htqo':
      return { prompt, htqOrderable: { orderableStrings: choices(subject, random, 5) } };
    case 'htqs':
      return {
        prompt,
        htqSelectable: {
          interactiveText: choices(subject, random, 5).join(''),
          maxSelections: random.integer(1, 3),
        },
      };
    case 'mi':
      return {
        prompt,
        table: {
          columns: ['True', 'False'].map((label) => ({ label })),
          rows: choices(subject, random, 3).map((text) => rowOf(text, pick(['True', 'False'], random))),
        },
      };
    case 'ti':
      return {
        prompt,
        table: {
          title: 'Tickets sold',
          columns: ['Day', 'Sold'].map((label) => ({ label })),
          rows: [1, 2, 3].map((day) => rowOf(`Day ${day}`, '')),
        },
      };
    case 'gi':
      return { prompt, grid: { width: 500, height: 400, isSnapping: true, hotSpots: [], images: [] } };
    case 'eq':
      return {
        prompt,
        keypad: pick(['Grade3-5', 'Grade6-8', 'HighSchool'], random),
        isSpellCheckOn: false,
        parts: [{ leftLabel: '<p>x =</p>', rightLabel: '<p>tickets</p>' }],
      };
    case 'sa':
    case 'wer':
      return {
        prompt,
        editor: { maximumLength: type === 'wer' ? 10_000 : 2000, isSpellCheckOn: type === 'wer' },
      };
    case 'wit':
      return {
        terms: ['promise', 'observatory', 'tide'].map((word) => ({ word, definition: `<p>${word}</p>` })),
      };
    default:
      return assertNever(type);
  }
}

/** A row of a table: its label, and a cell with an answer. */
const rowOf = (label: string, value: string) => ({
  cells: [
    { type: 'label', value: label },
    { type: 'answer', value },
  ],
});

const choices = (subject: Subject, random: Random, count: number): string[] =>
  Array.from({ length: count }, () => answer(subject, random));

function options(subject: Subject, random: Random, correct: number): Fields[] {
  const isCorrect = random.shuffled([0, 1, 2, 3]).map((index) => index < correct);
  return choices(subject, random, 4).map((text, index) => ({
    rationale: isCorrect[index] === true ? 'This is the right answer.' : 'The student overlooks a detail.',
    text,
    isCorrectAnswer: isCorrect[index] ?? false,
  }));
}

function assertNever(type: never): never {
  throw new Error(`No content for an item of type ${String(type)}`);
}
