import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Tells cdk-nag why policies below `construct` have these resources with a wildcard, each written as its finding
 * writes it.
 */
export function acknowledgeWildcards(construct: IConstruct, why: string, resources: readonly string[]): void {
  for (const resource of resources) {
    Validations.of(construct).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
      reason: why,
    });
  }
}

/** How a finding writes the ARN of any version of a function. */
export function anyVersion(lambdaFunction: IConstruct): string {
  const element = lambdaFunction.node.defaultChild as CfnElement;
  return `<${Stack.of(lambdaFunction).getLogicalId(element)}.Arn>:*`;
}

/** How a finding writes the ARN of any execution of a state machine, which may be named by a token. */
export const anyExecution = (stateMachineName: string): string =>
  `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${stateMachineName}:*`;
