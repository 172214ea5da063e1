import { describe, expect, it } from 'vitest';
import { NO_ISSUER, stackFor, templateFor } from '../support/stack.ts';

const DISPOSABLE = { ...NO_ISSUER, disposable: 'true' };
/** What holds data, and so has a name that somebody could miss or stumble over. */
const KEEPERS = [
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::Table',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
];

const ofType = (type: string, settings: object) =>
  Object.values(templateFor({ ...settings }).findResources(type));

describe.each(KEEPERS)('every %s', (type) => {
  it('outlives the stack, but not a first deployment that fails', () => {
    const kept = ofType(type, NO_ISSUER);
    expect(kept.length).toBeGreaterThan(0);
    for (const resource of kept) {
      expect(resource).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('goes with a stage that may be thrown away', () => {
    for (const resource of ofType(type, DISPOSABLE)) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    }
  });
});

describe.each([
  ['a stage', NO_ISSUER, true],
  ['a stage that may be thrown away', DISPOSABLE, false],
])('%s', (_, settings, isProtected) => {
  it(`is protected from being deleted: ${isProtected}`, () => {
    expect(stackFor(settings).terminationProtection).toBe(isProtected);
    for (const { Properties } of ofType('AWS::DynamoDB::Table', settings)) {
      expect(Properties).toMatchObject({
        DeletionProtectionEnabled: isProtected,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isProtected },
      });
    }
    const [pool] = ofType('AWS::Cognito::UserPool', settings);
    expect(pool?.['Properties'].DeletionProtection).toBe(isProtected ? 'ACTIVE' : 'INACTIVE');
  });

  it('keeps its logs for a time', () => {
    const days = ofType('AWS::Logs::LogGroup', settings).map(({ Properties }) => Properties.RetentionInDays);
    expect(new Set(days)).toEqual(new Set([isProtected ? 90 : 7]));
  });
});
