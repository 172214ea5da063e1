import { existsSync } from 'node:fs';
import { lintDefinition } from './definition-lint.ts';
import { faultsOfRules } from './event-rules.ts';
import { faultsOfApi } from './http-routes.ts';
import type { LambdaFunction } from './lambda.ts';
import { faultsOfQueues } from './queue-faults.ts';
import type { Stack, StackResource } from './stack.ts';
import type { Assembly } from './template.ts';

/** Lambda's default account limit is 1,000, but one machine has only a few cores. */
const MAX_CONCURRENCY = 4;

/** Finds the faults that show only when resources are considered together, beyond single properties. */
export function allFaults(
  stack: Stack,
  given: { assembly: Assembly; secrets: Record<string, string> },
): string[] {
  return [
    ...faultsOfAssets(stack, given.assembly),
    ...stack.all('AWS::StepFunctions::StateMachine').flatMap(faultsOfStateMachine),
    ...faultsOfRules(stack),
    ...faultsOfApi(stack),
    ...faultsOfQueues(stack),
    ...faultsOfSecrets(stack, given.secrets),
  ];
}

function faultsOfAssets(stack: Stack, { assetFolders }: Assembly): string[] {
  return stack
    .all('AWS::Lambda::Function')
    .filter(({ properties }) => !existsSync(assetFolders.get(properties.Code.S3Key) ?? ''))
    .map(({ logicalId }) => `${logicalId}: AWS::Lambda::Function has no asset in the cloud assembly`);
}

function faultsOfStateMachine(machine: StackResource<'AWS::StepFunctions::StateMachine'>): string[] {
  const where = `${machine.logicalId}: AWS::StepFunctions::StateMachine`;
  try {
    const definition: unknown = JSON.parse(machine.properties.DefinitionString);
    return lintDefinition(Object(definition)).map(({ state, fault }) =>
      state === undefined ? `${where}: ${fault}` : `${where} state ${state}: ${fault}`,
    );
  } catch (error) {
    return [`${where}: ${error}`];
  }
}

function faultsOfSecrets(stack: Stack, given: Record<string, string>): string[] {
  const names = stack.all('AWS::SecretsManager::Secret').map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => `a value was given for secret ${name}, which is not in the template`);
}

interface FunctionSettings {
  assembly: Assembly;
  /** Tells the functions where the services of this cloud are. */
  environment: Record<string, string>;
}

/** Describes the Lambda functions of the stack for the sandboxes that run them. */
export function functionsOf(stack: Stack, { assembly, environment }: FunctionSettings): LambdaFunction[] {
  return stack.all('AWS::Lambda::Function').map(({ name, arn, properties }) => {
    const { LoggingConfig, Timeout, MemorySize, Code, ReservedConcurrentExecutions } = properties;
    const async = stack
      .all('AWS::Lambda::EventInvokeConfig')
      .find(({ properties: { FunctionName } }) => FunctionName === name || FunctionName === arn);
    return {
      config: {
        name,
        arn,
        handler: properties.Handler,
        memoryMb: MemorySize,
        timeoutMs: Timeout * 1000,
        environment: { ...properties.Environment.Variables, ...environment },
        logGroup: LoggingConfig.LogGroup ?? `/aws/lambda/${name}`,
        logFormat: LoggingConfig.LogFormat,
        applicationLogLevel: LoggingConfig.ApplicationLogLevel,
        systemLogLevel: LoggingConfig.SystemLogLevel,
      },
      assetFolder: assembly.assetFolders.get(Code.S3Key) ?? '',
      maxConcurrency: Math.min(MAX_CONCURRENCY, ReservedConcurrentExecutions ?? MAX_CONCURRENCY),
      maxRetryAttempts: async?.properties.MaximumRetryAttempts ?? 2,
      deadLetterQueue: properties.DeadLetterConfig?.TargetArn,
    };
  });
}
