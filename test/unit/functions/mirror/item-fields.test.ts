import { describe, expect, it } from 'vitest';
import { type ItemFields, readItemFields } from '../../../../functions/mirror/item-fields.ts';
import {
  ATTACHMENTS,
  itemWith,
  MINIMAL_FIELDS,
  MINIMAL_ITEM,
  PROVIDED,
  RENAMED,
  REQUIRED,
  TEXTS,
  WHOLE_ITEM,
  WHOLE_ITEM_FIELDS,
} from '../../../support/item-json.ts';

const fieldsOf = (values: Readonly<Record<string, unknown>>): ItemFields =>
  readItemFields(
    { values, path: '', issues: [] },
    { itemId: String(values['id']), type: String(values['type']) },
  );
const fieldsWith = (path: string, value: unknown) => fieldsOf(itemWith(path, value));
/** The fields whose values could not be read. */
const issuePathsOf = (path: string, value: unknown): string[] =>
  (fieldsWith(path, value).fieldIssues ?? []).map(({ field }) => field);
/** Expects that a value costs only its own field. */
function expectLeftOut(path: string, value: unknown, issue: { received: string; expected: string }): void {
  expect(fieldsWith(path, value)).toStrictEqual({
    ...MINIMAL_FIELDS,
    fieldIssues: [{ field: path, ...issue }],
  });
}

const TEXT = 'text of at most 500 characters';
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
    const { aslRequired, aslProvided, aslAttachments, subject, ...readable } = WHOLE_ITEM_FIELDS;
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
    expect(fieldsWith('core.stimulusId', longest)).toMatchObject({ stimulusId: longest });
    expectLeftOut('core.stimulusId', `${longest}é`, { received: 'string', expected: TEXT });
  });

  it('has no unpaired surrogates, which DynamoDB cannot store', () => {
    expect(fieldsWith('core.metadata.subject', 'a\ud83d')).toMatchObject({ subject: 'a\ufffd' });
    expect(fieldsWith('core.metadata.subject', 'a\ud83d\ude00')).toMatchObject({ subject: 'a\ud83d\ude00' });
  });

  it.each(RENAMED)('is taken from its newer name first: %s, %s', (newer, older, field) => {
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

describe('the attachments of an item', () => {
  it.each(ATTACHMENTS)('%s are %s, in the order of their names', (path, field) => {
    const files = [
      { fileName: 'b.brf', fileType: 'brf', uploadedDate: '' },
      { fileName: ' a.brf ', uploadedDate: ' 2025-03-01T08:30:00Z ' },
    ];
    const attachments = [{ fileName: 'a.brf', uploadedAt: '2025-03-01T08:30:00Z' }, { fileName: 'b.brf' }];
    expect(fieldsWith(path, files)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: attachments });
  });

  it.each([
    ['the later upload', '2025-03-01T23:30:00Z', '2025-03-01T20:00:00-05:00', '2025-03-01T20:00:00-05:00'],
    ['the later upload, which comes first in the file', '2025-03-02', '2025-03-01', '2025-03-02'],
    ['the one with a date', '2025-03-02', undefined, '2025-03-02'],
    ['the one with a valid date', 'some day', '2025-03-02', '2025-03-02'],
    ['the last of those without a valid date', 'some day', 'another day', 'another day'],
  ])('of one name count as one: %s', (_, first, second, uploadedAt) => {
    const files = [first, second].map((uploadedDate) => ({ fileName: 'a.mp4', uploadedDate }));
    expect(fieldsWith('asl.attachments', files)).toMatchObject({
      aslAttachments: [{ fileName: 'a.mp4', uploadedAt }],
    });
  });

  it.each([[[]], [[{ fileName: ' ' }, { fileName: null }, {}]]])(
    'without a name are left out: %j',
    (files) => {
      expect(fieldsWith('asl.attachments', files)).toStrictEqual(MINIMAL_FIELDS);
    },
  );

  it.each([
    ['asl.attachments', 'a.mp4', 'string'],
    ['braille.attachments', { fileName: 'a.brf' }, 'object'],
  ])('are left out if they are not a list: %s is %j', (path, wrong, received) => {
    expectLeftOut(path, wrong, { received, expected: 'array' });
  });

  it.each([
    ['a.vtt', '', 'string', 'object'],
    [['a.vtt'], '', 'array', 'object'],
    [{ fileName: { name: 'a' } }, '.fileName', 'object', TEXT],
    [{ fileName: 'x'.repeat(501) }, '.fileName', 'string', TEXT],
  ])('are left out one by one: %j', (wrong, name, received, expected) => {
    const issue = { field: `cc.attachments[1]${name}`, received, expected };
    expect(fieldsWith('cc.attachments', [{ fileName: 'a' }, wrong, { fileName: 'b' }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      closedCaptionsAttachments: [{ fileName: 'a' }, { fileName: 'b' }],
      fieldIssues: [issue],
    });
  });

  it('are shown without a date that cannot be read', () => {
    expect(fieldsWith('asl.attachments', [{ fileName: 5, uploadedDate: {} }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      aslAttachments: [{ fileName: '5' }],
      fieldIssues: [{ field: 'asl.attachments[0].uploadedDate', received: 'object', expected: TEXT }],
    });
  });
});

describe('the test administrations of an item', () => {
  it('are read as the total numbers of forms and exposures', () => {
    const administrations = [
      { forms: [{ exposures: 3 }, null, {}, { exposures: null }] },
      { forms: null },
      {},
      null,
    ];
    expect(fieldsWith(ADMINISTRATIONS, [...administrations, { forms: [{ exposures: 4 }] }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 4,
      exposuresCount: 7,
    });
  });

  it('may have no forms', () => {
    expect(fieldsWith(ADMINISTRATIONS, [{}])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 0,
      exposuresCount: 0,
    });
  });

  it('are left out if there is none', () => {
    expect(fieldsWith(ADMINISTRATIONS, [])).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each([
    ['administrations', {}, 'administrations'],
    ['administrations', [5], 'administrations[0]'],
    ['fieldTestAdministrationId', {}, 'fieldTestAdministrationId'],
  ])('are left out if they cannot be read: %s is %j', (name, wrong, field) => {
    const { fieldIssues, ...fields } = fieldsWith(`core.testAdministration.${name}`, wrong);
    expect(fields).toStrictEqual(MINIMAL_FIELDS);
    expect(fieldIssues).toMatchObject([{ field: `core.testAdministration.${field}` }]);
  });

  it.each([
    [{ administrationId: {} }, 1, '[1].administrationId'],
    [{ forms: {} }, 1, '[1].forms'],
    [{ forms: [{}, 'form'] }, 2, '[1].forms[1]'],
    [{ forms: [{}, { exposures: 'many' }] }, 3, '[1].forms[1].exposures'],
    [{ fieldTestData: '3' }, 1, '[1].fieldTestData'],
    [{ fieldTestData: { itemDifficultyQuintile: 'three' } }, 1, '[1].fieldTestData.itemDifficultyQuintile'],
  ])('are read but for what cannot be read: %j', (administration, formCount, field) => {
    const readable = { forms: [{ exposures: 3 }] };
    const { fieldIssues, ...fields } = fieldsWith(ADMINISTRATIONS, [readable, administration]);
    expect(fields).toStrictEqual({ ...MINIMAL_FIELDS, formCount, exposuresCount: 3 });
    expect(fieldIssues).toMatchObject([{ field: `${ADMINISTRATIONS}${field}` }]);
  });

  it.each([
    [-1, 'number'],
    [1.5, 'number'],
    [1_000_000_001, 'number'],
    ['1000000001', 'string'],
    ['1e3', 'string'],
    ['-1', 'string'],
    ['1.5', 'string'],
    [true, 'boolean'],
  ])('do not count %j as exposures of a form', (exposures, received) => {
    expect(fieldsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 1,
      exposuresCount: 0,
      fieldIssues: [
        {
          field: `${ADMINISTRATIONS}[0].forms[0].exposures`,
          received,
          expected: 'whole number from 0 to 1000000000',
        },
      ],
    });
  });

  it.each(['100', ' 100 ', 100])('may have %j exposures of a form', (exposures) => {
    expect(fieldsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 1,
      exposuresCount: 100,
    });
  });

  it.each([0, 1_000_000_000])('may have %d exposures of a form', (exposures) => {
    expect(fieldsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toMatchObject({
      exposuresCount: exposures,
    });
  });
});

const quintileOf = (fieldTestAdministrationId: string | undefined, quintile: string | number | null) =>
  fieldsWith('core.testAdministration', {
    fieldTestAdministrationId,
    administrations: [
      { fieldTestData: { itemDifficultyQuintile: '1' } },
      { administrationId: 'field-test', fieldTestData: { itemDifficultyQuintile: quintile } },
      { administrationId: 'operational', fieldTestData: null },
    ],
  }).itemDifficultyQuintile;

describe('the difficulty of an item', () => {
  it.each([
    ['3', 3],
    [3, 3],
    [' 05 ', 5],
    ['999999999999999', 999_999_999_999_999],
  ])('is that of its field test: "%s"', (quintile, difficulty) => {
    expect(quintileOf('field-test', quintile)).toBe(difficulty);
  });

  it.each(['', '3.5', '-1', 'three', '1e3', '0x3', '1234567890123456', null])(
    'is left out unless it is a whole number: %j',
    (quintile) => {
      expect(quintileOf('field-test', quintile)).toBeUndefined();
    },
  );

  it.each([undefined, '', 'operational', 'another'])('is not that of any other administration: %j', (id) => {
    expect(quintileOf(id, '3')).toBeUndefined();
  });
});
