import { describe, expect, it } from 'vitest';
import { fieldsWith } from '../../../support/item-fields.ts';
import { MINIMAL_FIELDS } from '../../../support/item-json.ts';

const ADMINISTRATIONS = 'core.testAdministration.administrations';

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
