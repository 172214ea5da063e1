import { describe, expect, it } from 'vitest';
import { NO_ISSUER, stackFor, templateFor } from '../support/stack.ts';

/** Types of resources that hold data. They have fixed names, which must not be left behind by accident. */
const TYPES_WITH_DATA = [
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::Table',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
];

const STAGE = { template: templateFor(NO_ISSUER), stack: stackFor(NO_ISSUER) };
const DISPOSABLE_SETTINGS = { ...NO_ISSUER, disposable: 'true' };
const DISPOSABLE_STAGE = {
  template: templateFor(DISPOSABLE_SETTINGS),
  stack: stackFor(DISPOSABLE_SETTINGS),
};

const resources = ({ template }: typeof STAGE, type: string) => Object.values(template.findResources(type));

describe.each(TYPES_WITH_DATA)('every %s', (type) => {
  it('outlives the stack, but not a first deployment that fails', () => {
    const kept = resources(STAGE, type);
    expect(kept.length).toBeGreaterThan(0);
    for (const resource of kept) {
      expect(resource).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('is deleted with a disposable stage', () => {
    for (const resource of resources(DISPOSABLE_STAGE, type)) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    }
  });
});

describe.each([
  ['a stage', STAGE, true],
  ['a disposable stage', DISPOSABLE_STAGE, false],
])('%s', (_, stage, isProtected) => {
  it(`is protected from deletion: ${isProtected}`, () => {
    expect(stage.stack.terminationProtection).toBe(isProtected);
    for (const { Properties } of resources(stage, 'AWS::DynamoDB::Table')) {
      expect(Properties).toMatchObject({
        DeletionProtectionEnabled: isProtected,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isProtected },
      });
    }
    const [pool] = resources(stage, 'AWS::Cognito::UserPool');
    expect(pool?.['Properties'].DeletionProtection).toBe(isProtected ? 'ACTIVE' : 'INACTIVE');
  });

  it('keeps its logs for a limited time', () => {
    const days = resources(stage, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays);
    expect(new Set(days)).toEqual(new Set([isProtected ? 90 : 7]));
  });
});
