import { describe, expect, it } from 'vitest';
import { htmlText } from '../../../../functions/mirror/html-text.ts';
import { readItemJson } from '../../../../functions/mirror/item-json.ts';
import { fileOf } from '../../../support/item-json.ts';

/** The keywords of an item, as `section: content`. */
function keywordsOf(type: string, english: object, spanish?: object): string[] {
  const values = { id: '1', type, core: { en: english }, ...(spanish && { translations: { esp: spanish } }) };
  const reading = readItemJson(fileOf(values));
  if (reading.kind === 'failed') throw new Error(reading.failure.message);
  return reading.keywords.keywords.map(({ section, content }) => `${section}: ${content}`);
}

const text = (content: string) => ({ text: content });

describe('the keywords of an item', () => {
  it('are its prompt and its options, each text once', () => {
    const prompt = '<p>Find&nbsp;<b>x</b> in <math xmlns="m"><mi>x</mi></math></p>';
    const options = [text('<p>4</p>'), text('<i>4</i>')];
    expect(keywordsOf('mc', { prompt, options }, { prompt: ' ', options: [] })).toEqual([
      'Prompt / Stem: Find x in <math xmlns="m"><mi>x</mi></math>',
      'Options: 4',
    ]);
  });

  it.each(['ebsr', 'eq', 'gi', 'htqo', 'htqs', 'mc', 'mi', 'ms', 'sa', 'ti', 'wer'])(
    'have the prompt of the type %s, in English and Spanish',
    (type) => {
      expect(keywordsOf(type, { prompt: 'Why?', content: 'not this' }, { prompt: '¿Por qué?' })).toEqual([
        'Prompt / Stem: Why?',
        'Spanish Prompt / Stem: ¿Por qué?',
      ]);
    },
  );

  it.each(['stim', 'tut'])('have the content of the type %s', (type) => {
    expect(keywordsOf(type, { prompt: 'not this', content: '<p>Text</p>' }, { content: 'Texto' })).toEqual([
      'Content: Text',
      'Spanish Content: Texto',
    ]);
  });

  it.each([
    ['ms', { options: [text('a'), text('b')] }, ['Options: a', 'Options: b']],
    [
      'ebsr',
      { partAPrompt: 'a', partBPrompt: 'b', partAOptions: [text('c')], partBOptions: [text('d'), text('c')] },
      ['Part A Stem: a', 'Part B Stem: b', 'Part A Options: c', 'Part B Options: d', 'Part B Options: c'],
    ],
    [
      'eq',
      { parts: [{ leftLabel: 'l', rightLabel: 'r' }, { leftLabel: 'm' }] },
      ['Left Labels: l', 'Left Labels: m', 'Right Labels: r'],
    ],
    [
      'htqo',
      { htqOrderable: { orderableStrings: ['<p>a</p>', null, 'b'] } },
      ['Interactive Texts: a', 'Interactive Texts: b'],
    ],
    ['htqs', { htqSelectable: { interactiveText: 'a <span>b</span>' } }, ['Interactive Texts: a b']],
    [
      'mi',
      {
        table: {
          title: 'not this',
          columns: [{ label: 'Yes' }, { label: 'No' }],
          rows: [
            {
              cells: [
                { type: 'label', value: 'row' },
                { type: 'answer', value: 'x' },
              ],
            },
          ],
        },
      },
      ['Table Column Headers: Yes', 'Table Column Headers: No', 'Table Row Labels: row'],
    ],
    [
      'ti',
      {
        table: {
          title: '<b>Sums</b>',
          columns: [{ label: '<i>a</i>' }],
          rows: [{ cells: [{ type: 'label', value: 'b' }, { type: 'answer', value: 5 }, { value: 'c' }] }],
        },
      },
      [
        'Table Title: Sums',
        'Table Column Headers: a',
        'Table Cells (all types): b',
        'Table Cells (all types): c',
      ],
    ],
  ])('have the other sections of the type %s', (type, english, keywords) => {
    expect(keywordsOf(type, english)).toEqual(keywords);
    expect(keywordsOf(type, {}, english)).toEqual(keywords.map((keyword) => `Spanish ${keyword}`));
  });

  it.each(['something-new', 'constructor', 'MC'])('do not exist for the type %s', (type) => {
    expect(keywordsOf(type, { prompt: 'a', content: 'a' })).toEqual([]);
  });

  it.each(['', ' ', null, '<p></p>', '<p>&nbsp;</p>'])('leave out a text that is empty: %j', (prompt) => {
    expect(keywordsOf('sa', { prompt })).toEqual([]);
  });

  it('leave out what cannot be read, which is an issue of the item', () => {
    const values = {
      id: '1',
      type: 'mc',
      core: { en: { prompt: ['a'], options: [5, text('b')] } },
      translations: 'none',
    };
    expect(readItemJson(fileOf(values))).toMatchObject({
      keywords: { keywords: [{ section: 'Options', content: 'b' }] },
      item: {
        fieldIssues: [
          { field: 'translations' },
          { field: 'core.en.prompt', received: 'array', expected: 'text' },
          { field: 'core.en.options[0]' },
        ],
      },
    });
  });

  it('are those that fit into 300,000 bytes', () => {
    const options = [text('a'.repeat(299_000)), text('b'.repeat(2_000)), text('c')];
    const reading = readItemJson(fileOf({ id: '1', type: 'mc', core: { en: { options } } }));
    expect(reading).toMatchObject({ keywords: { keywords: [{}, { content: 'c' }], omitted: 1 } });
  });
});

describe('the text of HTML', () => {
  it.each([
    ['a<p>b</p>', 'a b'],
    ['<div>a</div>b', 'a b'],
    ['a<br>b<BR/>c', 'a b c'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a b'],
    ['<ul><li>a<li>b</ul>', 'a b'],
    ['a<b>b</b><span title="x > y">c</span>', 'abc'],
    [' a \n\t b\u00a0 c ', 'a b c'],
    ['3 &lt; 4 &amp;&nbsp;&eacute; &#233; &#x1F600; &unknown; &', '3 < 4 & é é 😀 &unknown; &'],
    ['a<!-- b -->c<script>d("<p>")</script><style>e</style>f', 'acf'],
    ['a < b', 'a < b'],
    ['a<unclosed title="', 'a'],
    ['lone \ud83d surrogate', 'lone \ufffd surrogate'],
  ])('%j is %j', (html, expected) => {
    expect(htmlText(html)).toBe(expected);
  });

  it.each([
    ['keeps MathML as it is written', 'a <math xmlns="m"><mi>&#215;  x</mi></math>b'],
    ['keeps several formulas', '<math xmlns="m">1</math> and <math xmlns="m">2</math>'],
    ['keeps the last formula of a line whose first one has no end', '<math xmlns="m">1</math>'],
  ])('%s', (_, html) => {
    expect(htmlText(`<p>${html}</p>`)).toBe(html);
  });

  it.each([
    ['another attribute first', '<math display="block" xmlns="m"><mi>x</mi></math>', 'x'],
    ['no namespace', '<math><mi>x</mi></math>', 'x'],
    ['several lines', '<math xmlns="m">\n<mi>x</mi></math>', 'x'],
    ['no end', '<math xmlns="m"><mi>x</mi>', 'x'],
    [
      'an end on the next line only',
      '<math xmlns="m">x\n<math xmlns="m">y</math>',
      'x <math xmlns="m">y</math>',
    ],
  ])('strips MathML with %s', (_, html, expected) => {
    expect(htmlText(html)).toBe(expected);
  });

  it.each(['\ufdd0', '&#xFDD0;', '&#xfdd0;', '&#64976;'])(
    'has each formula once, whatever %j stands for',
    (mark) => {
      const formula = '<math xmlns="m">x</math>';
      expect(htmlText(`${formula} ${mark}0${mark}`)).toBe(`${formula} 0`);
    },
  );

  it('drops a formula in an attribute together with the attribute', () => {
    expect(htmlText('a<img alt="<math xmlns=1></math>">b<math xmlns="m">2</math>')).toBe(
      'ab<math xmlns="m">2</math>',
    );
  });

  it.each([
    ['tags that are never closed', '<b>', '</i>'],
    ['formulas that have no end', '<math xmlns=', ''],
    ['formulas that end on another line', '<math xmlns=', '\n</math>'],
    ['comments that have no end', '<!--', ''],
  ])('takes a time in proportion to its length, with %s', (_, begin, end) => {
    const count = 100_000;
    expect(htmlText(begin.repeat(count) + end.repeat(count))).toEqual(expect.any(String));
  });
});
