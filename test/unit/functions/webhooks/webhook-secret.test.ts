import { expect, it } from 'vitest';
import { secretVersionOf } from '../../../../functions/webhooks/webhook-secret.ts';

const URL = 'https://items.example.org/webhook';

it('the version of a secret tells it from others, at each address anew, and does not tell it', () => {
  const version = secretVersionOf('one', URL);
  expect(secretVersionOf('two', URL)).not.toBe(version);
  expect(secretVersionOf('one', `${URL}/2`)).not.toBe(version);
  expect(secretVersionOf('one', URL)).toBe(version);
  expect(version).toMatch(/^[0-9a-f]{10}$/);
});
