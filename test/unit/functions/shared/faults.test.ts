import { expect, it } from 'vitest';
import { faultsOf } from '../../../../functions/shared/faults.ts';
import * as z from '../../../../functions/shared/zod.ts';

const Node = z.object({ id: z.int(), tags: z.array(z.string()) });

const faults = (value: unknown, max?: number): string => {
  const { error } = Node.safeParse(value);
  if (!error) throw new Error('The value has no fault.');
  return faultsOf(error, 'the node', max);
};

it('names the field of each fault, and nothing of the value', () => {
  expect(faults({ id: 'secret', tags: ['a', null] })).toBe(
    'id: Invalid input: expected number, received string; tags.1: Invalid input: expected string, received null',
  );
});

it('names the value if the fault is the value itself', () => {
  expect(faults(null)).toBe('the node: Invalid input: expected object, received null');
});

it('counts the faults beyond the maximum', () => {
  expect(faults({ id: 1, tags: [1, 2, 3, 4] }, 1)).toBe(
    'tags.0: Invalid input: expected string, received number; and 3 more',
  );
});

it.each([
  ['a readable one', { login: 'greta' }, { login: 'greta' }],
  ['an unreadable one', { login: 5 }, { login: undefined }],
  ['none', {}, {}],
])('a field that is not needed counts as absent if it cannot be read: %s', (_, value, read) => {
  expect(z.object({ login: z.lenient(z.string()) }).parse(value)).toEqual(read);
});
