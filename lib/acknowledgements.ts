import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges cdk-nag's findings about wildcards in policies below `construct`. Findings name resources this way. */
export function acknowledgeWildcards(
  construct: IConstruct,
  reason: string,
  resources: readonly string[],
): void {
  for (const resource of resources) {
    Validations.of(construct).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
      reason,
    });
  }
}

/** The ARN of any version of a function, as a finding names it. */
export function anyVersion(lambdaFunction: IConstruct): string {
  const element = lambdaFunction.node.defaultChild as CfnElement;
  return `<${Stack.of(lambdaFunction).getLogicalId(element)}.Arn>:*`;
}

/** The ARN of any execution of a state machine, as a finding names it. The name may be a token. */
export const anyExecution = (stateMachineName: string): string =>
  `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${stateMachineName}:*`;
