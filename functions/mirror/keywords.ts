import { htmlText } from './html-text.ts';
import { entriesOf, longTextOf, longTextsOf, type Part, partOf } from './json-values.ts';

/** A text by which people search for an item. */
export interface Keyword {
  /** Where the text is in the item, as people know it from the search: `Prompt / Stem`. */
  section: string;
  content: string;
}

export interface Keywords {
  /** English ones first, then in the order of the sections and of the file. No two are equal. */
  keywords: Keyword[];
  /** How many did not fit into a row. */
  omitted: number;
}

interface Section {
  name: string;
  /** The HTML of the section in one language. */
  read: (content: Part) => Iterable<string | undefined>;
}

/** The text `text` of each entry of a list. */
const texts = (list: string, text: string): Section['read'] =>
  function* (content) {
    for (const entry of entriesOf(content, list)) yield longTextOf(entry, text);
  };

function* cellsOf(table: Part): Generator<Part> {
  for (const row of entriesOf(table, 'rows')) yield* entriesOf(row, 'cells');
}

const PROMPT: Section = { name: 'Prompt / Stem', read: (content) => [longTextOf(content, 'prompt')] };
const CONTENT: Section = { name: 'Content', read: (content) => [longTextOf(content, 'content')] };
const OPTIONS: Section = { name: 'Options', read: texts('options', 'text') };
const COLUMN_HEADERS: Section = {
  name: 'Table Column Headers',
  read: (content) => texts('columns', 'label')(partOf(content, 'table')),
};
const INTERACTIVE = 'Interactive Texts';

/** The sections of each type of item. Rationales, rubrics, alternative texts, glossaries and metadata are not searched. */
const SECTIONS: ReadonlyMap<string, readonly Section[]> = new Map(
  Object.entries({
    mc: [PROMPT, OPTIONS],
    ms: [PROMPT, OPTIONS],
    gi: [PROMPT],
    sa: [PROMPT],
    wer: [PROMPT],
    ebsr: [
      PROMPT,
      { name: 'Part A Stem', read: (content) => [longTextOf(content, 'partAPrompt')] },
      { name: 'Part B Stem', read: (content) => [longTextOf(content, 'partBPrompt')] },
      { name: 'Part A Options', read: texts('partAOptions', 'text') },
      { name: 'Part B Options', read: texts('partBOptions', 'text') },
    ],
    eq: [
      PROMPT,
      { name: 'Left Labels', read: texts('parts', 'leftLabel') },
      { name: 'Right Labels', read: texts('parts', 'rightLabel') },
    ],
    htqo: [
      PROMPT,
      {
        name: INTERACTIVE,
        read: (content) => longTextsOf(partOf(content, 'htqOrderable'), 'orderableStrings'),
      },
    ],
    htqs: [
      PROMPT,
      {
        name: INTERACTIVE,
        read: (content) => [longTextOf(partOf(content, 'htqSelectable'), 'interactiveText')],
      },
    ],
    mi: [
      PROMPT,
      COLUMN_HEADERS,
      {
        name: 'Table Row Labels',
        *read(content) {
          for (const cell of cellsOf(partOf(content, 'table'))) {
            if (cell.values['type'] === 'label') yield longTextOf(cell, 'value');
          }
        },
      },
    ],
    ti: [
      PROMPT,
      { name: 'Table Title', read: (content) => [longTextOf(partOf(content, 'table'), 'title')] },
      COLUMN_HEADERS,
      {
        name: 'Table Cells (all types)',
        *read(content) {
          for (const { values } of cellsOf(partOf(content, 'table'))) {
            // Some types of cells have numbers and flags.
            if (typeof values['value'] === 'string') yield values['value'];
          }
        },
      },
    ],
    stim: [CONTENT],
    tut: [CONTENT],
  }),
);

/** Types of items that are asked in a test. The others are stimuli and tutorials. */
export const isAssessmentItem = (type: string): boolean =>
  SECTIONS.has(type) && type !== 'stim' && type !== 'tut';

// Of JSON. DynamoDB's limit for a row is 400 KB.
const MAX_KEYWORDS_BYTES = 300_000;

/** The keywords of an item. Texts that are empty without their tags are left out. */
export function readKeywords(file: Part, type: string): Keywords {
  const keywords = new Map<string, Keyword>();
  let bytes = 0;
  let omitted = 0;
  for (const keyword of keywordsIn(file, type)) {
    const key = JSON.stringify(keyword);
    if (keyword.content === '' || keywords.has(key)) continue;
    const size = Buffer.byteLength(key);
    if (bytes + size > MAX_KEYWORDS_BYTES) omitted += 1;
    else {
      bytes += size;
      keywords.set(key, keyword);
    }
  }
  return { keywords: [...keywords.values()], omitted };
}

function* keywordsIn(file: Part, type: string): Generator<Keyword> {
  const languages = [
    { prefix: '', content: partOf(partOf(file, 'core'), 'en') },
    { prefix: 'Spanish ', content: partOf(partOf(file, 'translations'), 'esp') },
  ];
  for (const { prefix, content } of languages) {
    for (const { name, read } of SECTIONS.get(type) ?? []) {
      for (const html of read(content)) yield { section: `${prefix}${name}`, content: htmlText(html ?? '') };
    }
  }
}
