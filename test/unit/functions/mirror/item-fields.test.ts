import { describe, expect, it } from 'vitest';
import { expectLeftOut, fieldsOf, fieldsWith, issuePathsOf, TEXT } from '../../../support/item-fields.ts';
import {
  MINIMAL_FIELDS,
  MINIMAL_ITEM,
  PROVIDED,
  RENAMED,
  REQUIRED,
  TEXTS,
  WHOLE_ITEM,
  WHOLE_ITEM_FIELDS,
} from '../../../support/item-json.ts';

const ADMINISTRATIONS = 'core.testAdministration.administrations';

describe('the fields of an item', () => {
  it('are the fields of the file that the mirror shows', () => {
    expect(fieldsOf(WHOLE_ITEM)).toStrictEqual(WHOLE_ITEM_FIELDS);
  });

  it('include at least its id and its type', () => {
    expect(fieldsOf(MINIMAL_ITEM)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(['unknown', 'core.unknown', 'core.metadata.unknown', 'asl.unknown', 'translations.fra'])(
    'do not include unknown ones: %s',
    (path) => {
      expect(fieldsWith(path, { anything: [1, 'a', null] })).toStrictEqual(MINIMAL_FIELDS);
    },
  );

  it.each([
    ...[
      'core',
      'core.metadata',
      'core.testAdministration',
      ADMINISTRATIONS,
      'workflow',
      'asl',
      'braille',
      'cc',
    ],
    ...['asl.attachments', 'textToSpeech', 'glossary', 'translations', 'translations.esp'],
  ])('do not require %s, which may be null', (path) => {
    expect(fieldsWith(path, null)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each([
    ...['core', 'core.metadata', 'core.testAdministration', 'workflow', 'asl', 'braille', 'cc'],
    ...['textToSpeech', 'glossary', 'translations', 'translations.esp'],
  ])('do not include those of %s if it is not an object', (path) => {
    expectLeftOut(path, 'text', { received: 'string', expected: 'object' });
    expectLeftOut(path, 5, { received: 'number', expected: 'object' });
    expectLeftOut(path, true, { received: 'boolean', expected: 'object' });
    expectLeftOut(path, ['list'], { received: 'array', expected: 'object' });
  });

  it('are all read except those that cannot be read', () => {
    const { asl, core, ...rest } = WHOLE_ITEM;
    const { aslRequired, aslProvided, aslAttachments, aslUploadedBeforeContentUpdate, subject, ...readable } =
      WHOLE_ITEM_FIELDS;
    const file = { ...rest, asl: ['list'], core: { ...core, metadata: { ...core.metadata, subject: {} } } };
    expect(fieldsOf(file)).toStrictEqual({
      ...readable,
      fieldIssues: [
        { field: 'core.metadata.subject', received: 'object', expected: TEXT },
        { field: 'asl', received: 'array', expected: 'object' },
      ],
    });
  });

  it.each([19, 20, 21, 100_000])('have at most 20 issues, if %d values cannot be read', (count) => {
    const files = Array.from({ length: count }, () => 5);
    const { fieldIssues = [] } = fieldsWith('asl.attachments', files);
    expect(fieldIssues).toHaveLength(Math.min(count, 20));
    expect(fieldIssues.at(-1)).toMatchObject({ field: `asl.attachments[${fieldIssues.length - 1}]` });
  });
});

describe('a text of an item', () => {
  it.each(TEXTS)('%s is %s, trimmed', (path, field) => {
    expect(fieldsWith(path, ' a word \n')).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'a word' });
  });

  it.each(TEXTS)('%s is left out if it is empty', (path) => {
    for (const empty of ['', ' \n', null]) expect(fieldsWith(path, empty)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(TEXTS)('%s may be a number', (path, field) => {
    expect(fieldsWith(path, 5)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: '5' });
  });

  it.each([
    [0, '0'],
    [-7, '-7'],
    [1.5, '1.5'],
    [9_007_199_254_740_991, '9007199254740991'],
  ])('may be the number %d', (number, text) => {
    expect(fieldsWith('version', number)).toMatchObject({ itemJsonVersion: text });
  });

  it.each([9_007_199_254_740_992, -1e300, Number.POSITIVE_INFINITY])(
    'is left out if it is a number that is not exact: %d',
    (number) => {
      const expected = 'text, because numbers beyond 9007199254740991 are not exact';
      expectLeftOut('version', number, { received: 'number', expected });
    },
  );

  it.each(TEXTS)('%s is left out if it is neither text nor a number', (path) => {
    expectLeftOut(path, true, { received: 'boolean', expected: TEXT });
    expectLeftOut(path, { text: 'a' }, { received: 'object', expected: TEXT });
    expectLeftOut(path, ['a'], { received: 'array', expected: TEXT });
  });

  it('may have 500 characters, but not 501', () => {
    const longest = 'é'.repeat(500);
    expect(fieldsWith('core.tutorialId', longest)).toMatchObject({ tutorialId: longest });
    expectLeftOut('core.tutorialId', `${longest}é`, { received: 'string', expected: TEXT });
  });

  it('has no unpaired surrogates, which DynamoDB cannot store', () => {
    expect(fieldsWith('core.metadata.subject', 'a\ud83d')).toMatchObject({ subject: 'a\ufffd' });
    expect(fieldsWith('core.metadata.subject', 'a\ud83d\ude00')).toMatchObject({ subject: 'a\ud83d\ude00' });
  });

  it.each(RENAMED)('is taken from the first of its names that has a value: %s, %s', (newer, older, field) => {
    const both = { [older]: 'older', [newer]: 'newer' };
    expect(fieldsWith('core.metadata', both)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'newer' });
    for (const empty of ['', ' ', null]) {
      const unfilled = { [older]: 'older', [newer]: empty };
      expect(fieldsWith('core.metadata', unfilled)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'older' });
    }
  });

  it('is taken from its older name if the newer one cannot be read', () => {
    expect(fieldsWith('core.metadata', { intendedGrade: [5], grade: '5' })).toStrictEqual({
      ...MINIMAL_FIELDS,
      grade: '5',
      fieldIssues: [{ field: 'core.metadata.intendedGrade', received: 'array', expected: TEXT }],
    });
  });

  it('has no issue with an older name that is not needed', () => {
    const fields = fieldsWith('core.metadata', { intendedGrade: '5', grade: [5] });
    expect(fields).toStrictEqual({ ...MINIMAL_FIELDS, grade: '5' });
  });
});

describe('the stimulus of an item', () => {
  it.each([
    ['900', '900'],
    [' 900 ', '900'],
    ['00900', '900'],
    ['000', '0'],
    [900, '900'],
    ['90071992547409930', '90071992547409930'],
  ])('is a whole number without leading zeros: %j', (stimulusId, id) => {
    expect(fieldsWith('core.stimulusId', stimulusId)).toStrictEqual({ ...MINIMAL_FIELDS, stimulusId: id });
  });

  it.each([
    ['900a', 'string'],
    ['-1', 'string'],
    [-1, 'number'],
    [1.5, 'number'],
  ])('is left out if it is %j', (stimulusId, received) => {
    expectLeftOut('core.stimulusId', stimulusId, { received, expected: 'whole number' });
  });
});

describe('a field that says what an item requires', () => {
  it.each(REQUIRED)('%s is %s, as text', (path, field) => {
    expect(fieldsWith(path, ' undetermined ')).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'undetermined' });
    expect(fieldsWith(path, true)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'true' });
    expect(fieldsWith(path, false)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'false' });
  });

  it.each(REQUIRED)('%s is left out if it is empty', (path) => {
    for (const empty of ['', ' ', null]) expect(fieldsWith(path, empty)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(REQUIRED)('%s is left out if it is an object or a list', (path) => {
    expectLeftOut(path, {}, { received: 'object', expected: TEXT });
    expectLeftOut(path, ['true'], { received: 'array', expected: TEXT });
  });

  it('may have 500 characters, but not 501', () => {
    expect(issuePathsOf('cc.isCcRequired', 'x'.repeat(500))).toEqual([]);
    expect(issuePathsOf('cc.isCcRequired', 'x'.repeat(501))).toEqual(['cc.isCcRequired']);
  });
});

describe('a field that says what an item provides', () => {
  it.each(PROVIDED)('%s is %s, true or false', (path, field) => {
    for (const yes of [true, 'true', 'Yes', ' YES ']) {
      expect(fieldsWith(path, yes)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: true });
    }
    for (const no of [false, 'false', 'No', 'Not Needed', 'not needed']) {
      expect(fieldsWith(path, no)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: false });
    }
  });

  it.each(PROVIDED)('%s is left out if it is empty', (path) => {
    for (const empty of ['', ' ', null]) expect(fieldsWith(path, empty)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(PROVIDED)('%s is left out if it is anything else', (path) => {
    const expected = 'true or false';
    expectLeftOut(path, 'perhaps', { received: 'string', expected });
    expectLeftOut(path, 1, { received: 'number', expected });
    expectLeftOut(path, {}, { received: 'object', expected });
    expectLeftOut(path, [true], { received: 'array', expected });
  });
});
