import { describe, expect, it } from 'vitest';
import { fieldsWith } from '../../../support/item-fields.ts';
import { MINIMAL_FIELDS } from '../../../support/item-json.ts';

const ADMINISTRATIONS = 'core.testAdministration.administrations';

/** The fields without the list of forms, which has tests of its own. */
function countsWith(path: string, value: unknown) {
  const { forms: _, ...fields } = fieldsWith(path, value);
  return fields;
}

describe('the test administrations of an item', () => {
  it('are read as the total numbers of forms and exposures', () => {
    const administrations = [
      { forms: [{ exposures: 3 }, null, {}, { exposures: null }] },
      { forms: null },
      {},
      null,
    ];
    expect(countsWith(ADMINISTRATIONS, [...administrations, { forms: [{ exposures: 4 }] }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 4,
      exposuresCount: 7,
    });
  });

  it('may have no forms', () => {
    expect(countsWith(ADMINISTRATIONS, [{}])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 0,
      exposuresCount: 0,
    });
  });

  it('are left out if there is none', () => {
    expect(countsWith(ADMINISTRATIONS, [])).toStrictEqual(MINIMAL_FIELDS);
  });

  it.each([
    ['administrations', {}, 'administrations'],
    ['administrations', [5], 'administrations[0]'],
    ['fieldTestAdministrationId', {}, 'fieldTestAdministrationId'],
  ])('are left out if they cannot be read: %s is %j', (name, wrong, field) => {
    const { fieldIssues, ...fields } = countsWith(`core.testAdministration.${name}`, wrong);
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
    const { fieldIssues, ...fields } = countsWith(ADMINISTRATIONS, [readable, administration]);
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
    expect(countsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toStrictEqual({
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
    expect(countsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toStrictEqual({
      ...MINIMAL_FIELDS,
      formCount: 1,
      exposuresCount: 100,
    });
  });

  it.each([0, 1_000_000_000])('may have %d exposures of a form', (exposures) => {
    expect(countsWith(ADMINISTRATIONS, [{ forms: [{ exposures }] }])).toMatchObject({
      exposuresCount: exposures,
    });
  });
});

const quintileOf = (fieldTestAdministrationId: string | null | undefined, quintile: string | number | null) =>
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

  it.each(['operational', 'another'])('is not that of any other administration: %j', (id) => {
    expect(quintileOf(id, '3')).toBeUndefined();
  });

  it.each([undefined, null, '', ' '])('is that of an administration without an id, if the id is %j', (id) => {
    expect(quintileOf(id, '3')).toBe(1);
  });

  it('is that of the last administration with the id', () => {
    const withQuintile = (quintile: string) => ({
      administrationId: 'spring',
      fieldTestData: { itemDifficultyQuintile: quintile },
    });
    const administrations = ['2', '', '4'].map(withQuintile);
    const test = { fieldTestAdministrationId: 'spring', administrations };
    expect(fieldsWith('core.testAdministration', test)).toMatchObject({ itemDifficultyQuintile: 4 });
    const earlier = { ...test, administrations: administrations.slice(0, 2) };
    expect(fieldsWith('core.testAdministration', earlier)).not.toHaveProperty('itemDifficultyQuintile');
  });

  it('is not that of an administration whose id cannot be read', () => {
    const administration = { administrationId: {}, fieldTestData: { itemDifficultyQuintile: '3' } };
    const test = { administrations: [administration] };
    expect(fieldsWith('core.testAdministration', test)).not.toHaveProperty('itemDifficultyQuintile');
  });
});
