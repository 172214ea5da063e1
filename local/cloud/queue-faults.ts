import { nameOfFunction } from './lambda.ts';
import type { Stack, StackResource } from './stack.ts';

/** Names the resources that refer to missing queues or functions, and the mappings that Lambda would refuse. */
export function faultsOfQueues(stack: Pick<Stack, 'all'>): string[] {
  const queueArns = new Set(stack.all('AWS::SQS::Queue').map(({ arn }) => arn));
  const missing = (where: string, arn: string | undefined) =>
    arn === undefined || queueArns.has(arn)
      ? []
      : [`${where} has queue ${arn}, which is not in the template`];
  return [
    ...stack
      .all('AWS::SQS::Queue')
      .flatMap(({ logicalId, properties }) =>
        missing(`${logicalId}: AWS::SQS::Queue`, properties.RedrivePolicy?.deadLetterTargetArn),
      ),
    ...stack
      .all('AWS::Lambda::Function')
      .flatMap(({ logicalId, properties }) =>
        missing(`${logicalId}: AWS::Lambda::Function`, properties.DeadLetterConfig?.TargetArn),
      ),
    ...stack
      .all('AWS::Events::Rule')
      .flatMap(({ logicalId, properties }) =>
        properties.Targets.flatMap(({ DeadLetterConfig }) =>
          missing(`${logicalId}: AWS::Events::Rule`, DeadLetterConfig?.Arn),
        ),
      ),
    ...stack.all('AWS::Lambda::EventSourceMapping').flatMap((mapping) => faultsOfMapping(mapping, stack)),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function faultsOfMapping(
  { logicalId, properties }: StackResource<'AWS::Lambda::EventSourceMapping'>,
  stack: Pick<Stack, 'all'>,
): string[] {
  const { EventSourceArn, FunctionName, BatchSize, MaximumBatchingWindowInSeconds } = properties;
  const queue = stack.all('AWS::SQS::Queue').find(({ arn }) => arn === EventSourceArn);
  const fn = stack.all('AWS::Lambda::Function').find(({ name }) => name === nameOfFunction(FunctionName));
  const faults: string[] = [];
  if (queue === undefined) faults.push(`has queue ${EventSourceArn}, which is not in the template`);
  if (fn === undefined) faults.push(`has function ${FunctionName}, which is not in the template`);
  if (BatchSize > 10 && MaximumBatchingWindowInSeconds === 0) {
    faults.push(
      'has a BatchSize of more than 10, for which MaximumBatchingWindowInSeconds must be at least 1',
    );
  }
  if (queue && fn && queue.properties.VisibilityTimeout < fn.properties.Timeout) {
    faults.push(
      `has a queue whose VisibilityTimeout, ${queue.properties.VisibilityTimeout} s, is less than the Timeout of the function, ${fn.properties.Timeout} s`,
    );
  }
  return faults.map((fault) => `${logicalId}: AWS::Lambda::EventSourceMapping ${fault}`);
}
