import { describe, expect, it } from 'vitest';
import { type Reply, troubleAt, valueAt } from '../../../../functions/github/graphql-parts.ts';

const CLOCK = { now: () => new Date('2026-11-23T09:00:00.000Z') };
const reply = (rest: Partial<Reply>): Reply => ({ errors: [], headers: {}, isTooMuch: false, ...rest });
const THERE = { nodes: [{ name: 'a' }, { name: 'b' }] };
const NULL = { nodes: [{ name: 'a' }, null] };
const PLACE = ['nodes', 1];

describe('the part of an answer at a place', () => {
  it.each([
    ['is there', THERE, { name: 'b' }],
    ['is null', NULL, null],
    ['is beyond the list', { nodes: [{ name: 'a' }] }, undefined],
    ['is below null', { nodes: null }, undefined],
    ['is below a text', { nodes: 'ab' }, undefined],
    ['is below nothing', undefined, undefined],
  ])('may be one that %s', (_, data, value) => {
    expect(valueAt(reply({ data }), PLACE)).toEqual(value);
  });
});

describe('an error', () => {
  it.each([
    ['at the place', NULL, { type: 'NOT_FOUND', path: ['nodes', 1] }, 'REPOSITORY_NOT_FOUND'],
    ['at the place, of another kind', NULL, { type: 'FORBIDDEN', path: ['nodes', 1] }, 'FORBIDDEN'],
    ['beside it', NULL, { type: 'NOT_FOUND', path: ['nodes', 0] }, undefined],
    ['in another list', NULL, { path: ['others', 1] }, undefined],
    ['above it', { nodes: null }, { type: 'NOT_FOUND', path: ['nodes'] }, 'GITHUB_ERROR'],
    ['anywhere', THERE, {}, 'GITHUB_ERROR'],
    ['below what is there', THERE, { path: ['nodes', 1, 'refs'] }, 'GITHUB_ERROR'],
    ['of what is missing below', THERE, { type: 'NOT_FOUND', path: ['nodes', 1, 'refs'] }, undefined],
    ['of what is missing below null', NULL, { type: 'NOT_FOUND', path: ['nodes', 1, 'id'] }, 'GITHUB_ERROR'],
  ])('%s is trouble of the part or not', (_, data, error, reason) => {
    expect(troubleAt(reply({ data, errors: [error] }), PLACE, CLOCK)?.reason).toBe(reason);
  });

  it('that is trouble counts, though one that is none comes first', () => {
    const errors = [
      { type: 'NOT_FOUND', path: ['nodes', 1, 'refs'] },
      { type: 'FORBIDDEN', message: 'not for you', path: ['nodes', 1, 'refs'] },
    ];
    const headers = { 'x-github-request-id': 'F:1' };
    expect(troubleAt(reply({ data: THERE, errors, headers }), PLACE, CLOCK)).toEqual({
      reason: 'FORBIDDEN',
      message: 'POST /graphql: not for you',
      githubRequestId: 'F:1',
    });
  });

  it('of the whole query is trouble of every part', () => {
    const trouble = { reason: 'GITHUB_ERROR', message: 'no answer' } as const;
    expect(troubleAt(reply({ trouble }), PLACE, CLOCK)).toBe(trouble);
  });
});
