import { describe, expect, it } from 'vitest';
import { RUNNING } from '../../../../local/cloud/resource-types.ts';
import { generateSecretString } from '../../../../local/cloud/secrets.ts';

const generate = (GenerateSecretString: object) => {
  const properties = RUNNING['AWS::SecretsManager::Secret'].properties.parse({ GenerateSecretString });
  return generateSecretString(properties.GenerateSecretString);
};

describe('a generated secret', () => {
  it('has 32 characters, including one of each kind', () => {
    const made = generate({});
    expect(made).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9 ]/]) expect(made).toMatch(kind);
  });

  it('excludes the configured characters', () => {
    const made = generate({
      PasswordLength: 500,
      ExcludePunctuation: true,
      ExcludeUppercase: true,
      ExcludeCharacters: 'abc0',
    });
    expect(made).toMatch(/^[d-z1-9]{500}$/);
  });

  it('is inserted into its template', () => {
    expect(
      JSON.parse(generate({ SecretStringTemplate: '{"user":"u"}', GenerateStringKey: 'password' })),
    ).toEqual({
      user: 'u',
      password: expect.stringMatching(/^.{32}$/),
    });
  });
});
