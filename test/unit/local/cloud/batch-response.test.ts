import { describe, expect, it } from 'vitest';
import { failuresOf, reportedFailures } from '../../../../local/cloud/batch-response.ts';

const BATCH = ['a', 'b'];
const payload = (value: unknown) => ({ payload: JSON.stringify(value) });
const failing = (...ids: unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});
const ERROR = { error: { errorType: 'Error', errorMessage: 'no', trace: [] } };

describe('the response of a function that reports failures', () => {
  it.each([
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', failing()],
  ])('is a complete success if it is %s', (_, response) => {
    expect([...reportedFailures(payload(response), BATCH)]).toEqual([]);
  });

  it('names the messages that stay', () => {
    expect([...reportedFailures(payload(failing('b')), BATCH)]).toEqual(['b']);
  });

  it.each([
    ['an empty id', failing('')],
    ['a null id', failing(null)],
    ['an id that is a number', failing(1)],
    ['no id', { batchItemFailures: [{}] }],
    ['an id under another key', { batchItemFailures: [{ id: 'b' }] }],
    ['an id that is not in the batch', failing('c')],
    ['one good and one bad id', failing('b', null)],
    ['a list that is none', { batchItemFailures: 'b' }],
    ['text', 'done'],
    ['a list', ['b']],
  ])('is a complete failure if it has %s', (_, response) => {
    expect([...reportedFailures(payload(response), BATCH)]).toEqual(BATCH);
  });

  it('is a complete failure if it is an error', () => {
    expect([...reportedFailures(ERROR, BATCH)]).toEqual(BATCH);
  });
});

describe('the response of a function that does not report failures', () => {
  it('is a complete success, whatever it is', () => {
    expect([...failuresOf(payload(failing('b')), BATCH)]).toEqual([]);
  });

  it('is a complete failure if it is an error', () => {
    expect([...failuresOf(ERROR, BATCH)]).toEqual(BATCH);
  });
});
