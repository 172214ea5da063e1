import { describe, expect, it } from 'vitest';
import { ItemJson } from '../../../../functions/mirror/item-fields.ts';
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

const fieldsWith = (path: string, value: unknown) => ItemJson.parse(itemWith(path, value));
const faultPathsOf = (path: string, value: unknown): string[] =>
  ItemJson.safeParse(itemWith(path, value)).error?.issues.map((issue) => issue.path.join('.')) ?? [];

const ADMINISTRATIONS = 'core.testAdministration.administrations';

describe('the fields of an item', () => {
  it('are the fields of the file that the mirror shows', () => {
    expect(ItemJson.parse(WHOLE_ITEM)).toStrictEqual(WHOLE_ITEM_FIELDS);
  });

  it('include at least its id and its type', () => {
    expect(ItemJson.parse(MINIMAL_ITEM)).toStrictEqual(MINIMAL_FIELDS);
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
  ])('are not read if %s is not an object', (path) => {
    for (const wrong of ['text', 5, true, ['list']]) expect(faultPathsOf(path, wrong)).toEqual([path]);
  });
});

describe('a text of an item', () => {
  it.each(TEXTS)('%s is %s, trimmed', (path, field) => {
    expect(fieldsWith(path, ' a word \n')).toStrictEqual({ ...MINIMAL_FIELDS, [field]: 'a word' });
  });

  it.each(TEXTS)('%s is left out if it is empty', (path) => {
    for (const empty of ['', ' \n', null]) expect(fieldsWith(path, empty)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(TEXTS)('%s must be text', (path) => {
    for (const wrong of [5, true, { text: 'a' }, ['a']]) expect(faultPathsOf(path, wrong)).toEqual([path]);
  });

  it('may have 500 characters, but not 501', () => {
    const longest = 'é'.repeat(500);
    expect(fieldsWith('core.stimulusId', longest)).toMatchObject({ stimulusId: longest });
    expect(faultPathsOf('core.stimulusId', `${longest}é`)).toEqual(['core.stimulusId']);
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
});

describe('the type of an item', () => {
  it('may be any text, trimmed', () => {
    expect(fieldsWith('type', ' something-new ')).toStrictEqual({ ...MINIMAL_FIELDS, type: 'something-new' });
  });

  it.each(['', ' ', null, 5, undefined])('may not be %j', (type) => {
    expect(faultPathsOf('type', type)).toEqual(['type']);
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

  it.each(REQUIRED)('%s may not be a number, an object or a list', (path) => {
    for (const wrong of [1, {}, ['true']]) expect(faultPathsOf(path, wrong)).toEqual([path]);
  });

  it('may have 500 characters, but not 501', () => {
    expect(faultPathsOf('cc.isCcRequired', 'x'.repeat(500))).toEqual([]);
    expect(faultPathsOf('cc.isCcRequired', 'x'.repeat(501))).toEqual(['cc.isCcRequired']);
  });
});

describe('a field that says what an item provides', () => {
  it.each(PROVIDED)('%s is %s, true or false', (path, field) => {
    for (const yes of [true, 'true']) {
      expect(fieldsWith(path, yes)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: true });
    }
    for (const no of [false, 'false']) {
      expect(fieldsWith(path, no)).toStrictEqual({ ...MINIMAL_FIELDS, [field]: false });
    }
  });

  it.each(PROVIDED)('%s is left out if it is empty', (path) => {
    for (const empty of ['', null]) expect(fieldsWith(path, empty)).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each(PROVIDED)('%s may not be anything else', (path) => {
    for (const wrong of ['Yes', 1, {}, [true]]) expect(faultPathsOf(path, wrong)).toEqual([path]);
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
    ['asl.attachments', 'a.mp4', 'asl.attachments'],
    ['braille.attachments', { fileName: 'a.brf' }, 'braille.attachments'],
    ['cc.attachments', ['a.vtt'], 'cc.attachments.0'],
    ['asl.attachments', [{ fileName: 'a' }, { fileName: 5 }], 'asl.attachments.1.fileName'],
    ['asl.attachments', [{ uploadedDate: 1_740_818_000 }], 'asl.attachments.0.uploadedDate'],
  ])('must be a list of files: %s may not be %j', (path, wrong, fault) => {
    expect(faultPathsOf(path, wrong)).toEqual([fault]);
  });
});

describe('the test administrations of an item', () => {
  it('are read as the total numbers of forms and exposures', () => {
    const administrations = [{ forms: [{ exposures: 3 }, {}, { exposures: null }] }, { forms: null }, {}];
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
    ['administrations', [5], 'administrations.0'],
    ['administrations', [{}, { administrationId: 5 }], 'administrations.1.administrationId'],
    ['administrations', [{ forms: {} }], 'administrations.0.forms'],
    ['administrations', [{ forms: [{}, null] }], 'administrations.0.forms.1'],
    ['administrations', [{ fieldTestData: '3' }], 'administrations.0.fieldTestData'],
    ['fieldTestAdministrationId', 5, 'fieldTestAdministrationId'],
    [
      'administrations',
      [{ fieldTestData: { itemDifficultyQuintile: 3 } }],
      'administrations.0.fieldTestData.itemDifficultyQuintile',
    ],
  ])('must have the right types: %s may not be %j', (name, wrong, fault) => {
    const paths = faultPathsOf(`core.testAdministration.${name}`, wrong);
    expect(paths).toEqual([`core.testAdministration.${fault}`]);
  });

  it.each(['3', -1, 1.5, 1_000_000_001])('may not have %j exposures of a form', (exposures) => {
    expect(faultPathsOf(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toEqual([
      `${ADMINISTRATIONS}.0.forms.0.exposures`,
    ]);
  });

  it.each([0, 1_000_000_000])('may have %d exposures of a form', (exposures) => {
    expect(fieldsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toMatchObject({
      exposuresCount: exposures,
    });
  });
});

const quintileOf = (fieldTestAdministrationId: string | undefined, quintile: string | null) =>
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
