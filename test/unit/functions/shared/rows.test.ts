import { describe, expect, it } from 'vitest';
import {
  assertReadable,
  FailureCodec,
  ItemBankIdCodec,
  ListedRepositoryCodec,
  parseRow,
  withFormerNames,
} from '../../../../functions/shared/rows.ts';
import * as z from '../../../../functions/shared/zod.ts';

const Codec = z.object({ name: z.string(), count: z.number(), label: z.exactOptional(z.string()) });
const read = (row: unknown) => parseRow(Codec, row, 'the row of the test');

describe('a row', () => {
  it('is read without the attributes that the codec does not know', () => {
    expect(read({ pk: 'P', name: 'a', count: 1, added: true })).toEqual({ name: 'a', count: 1 });
  });

  it('is rejected with every fault, but without any value', () => {
    const invalid = { name: 7, label: ['confidential'] };
    expect(() => read(invalid)).toThrow(
      expect.objectContaining({
        name: 'RowInvalid',
        code: 'ROW_INVALID',
        retry: 'never',
        message: expect.stringMatching(/^the row of the test cannot be read: name: .*; count: .*; label: /),
      }),
    );
    expect(() => read(invalid)).not.toThrow('confidential');
  });

  it('is rejected if it is not an object', () => {
    expect(() => read(undefined)).toThrow(/^the row of the test cannot be read: row: /);
  });

  it.each([undefined, 0, 1])('of version %s is readable for version 1', (schemaVersion) => {
    expect(() => assertReadable(schemaVersion === undefined ? {} : { schemaVersion }, 1)).not.toThrow();
  });

  it('of a newer version is not readable', () => {
    expect(() => assertReadable({ schemaVersion: 2 }, 1)).toThrow(
      expect.objectContaining({ name: 'RowTooNew' }),
    );
  });
});

describe('former names of attributes', () => {
  const Renamed = withFormerNames({ title: 'name' }, Codec);

  it.each([
    ['the former name', { title: 'a', count: 1 }],
    ['the present name', { name: 'a', count: 1 }],
    ['both names, of which the present one counts', { title: 'b', name: 'a', count: 1 }],
  ])('are understood: %s', (_, row) => {
    expect(parseRow(Renamed, row, 'the row')).toEqual({ name: 'a', count: 1 });
  });

  it('do not hide that a row has neither', () => {
    expect(() => parseRow(Renamed, { count: 1 }, 'the row')).toThrow('name: ');
    expect(() => parseRow(Renamed, null, 'the row')).toThrow('row: ');
  });
});

describe('the parts of rows', () => {
  it.each([0, -1, 1.5, 2 ** 53, '1', null])('do not accept %s as an item bank id', (id) => {
    expect(() => parseRow(ItemBankIdCodec, id, 'the id')).toThrow('expected an item bank id');
  });

  it('include repositories, also as the previous release listed them', () => {
    const repository = { itemBankId: 7, nodeId: 'R_7', archived: false };
    const listed = { ...repository, repositoryName: 'item-7' };
    expect(parseRow(ListedRepositoryCodec, listed, 'it')).toEqual(listed);
    expect(parseRow(ListedRepositoryCodec, { ...repository, name: 'item-7' }, 'it')).toEqual(listed);
  });

  it('include failures with a known reason', () => {
    const failure = { reason: 'FORBIDDEN', message: 'not allowed', githubRequestId: 'AB12:3' };
    expect(parseRow(FailureCodec, failure, 'it')).toEqual(failure);
    expect(() => parseRow(FailureCodec, { ...failure, reason: 'ANY' }, 'it')).toThrow('reason: ');
  });
});
