import { describe, expect, it } from 'vitest';
import { assertAuthenticated } from '../../../local/github/authentication.ts';

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('assertAuthenticated', () => {
  it.each(['token good', 'Bearer good', 'bearer good', basic('anybody:good')])('lets %s in', (header) => {
    expect(() => assertAuthenticated(header, 'good')).not.toThrow();
  });

  it.each(['token bad', 'Bearer ', 'good', 'Digest good', basic('ood'), basic('good:bad')])(
    'answers 401 Bad credentials to %s',
    (header) => {
      expect(() => assertAuthenticated(header, 'good')).toThrow(
        expect.objectContaining({ status: 401, message: 'Bad credentials' }),
      );
    },
  );

  it('answers 401 Requires authentication to nothing', () => {
    expect(() => assertAuthenticated(undefined, 'good')).toThrow(
      expect.objectContaining({ status: 401, message: 'Requires authentication' }),
    );
  });
});
