import * as z from 'zod';
import { parseDefinition } from '../../local/cloud/definition-lint.ts';
import { templateFor } from './stack.ts';

const Joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
const Attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

/** The definition as it is deployed, with function names instead of ARNs. */
export function readStateMachine() {
  const template = templateFor();
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  const functions = template.findResources('AWS::Lambda::Function');
  const [, parts] = Joined.parse(machine?.['Properties'].DefinitionString)['Fn::Join'];
  const text = parts.map((part) => {
    if (typeof part === 'string') return part;
    const attribute = Attribute.safeParse(part);
    return attribute.success
      ? String(functions[attribute.data['Fn::GetAtt'][0]]?.['Properties'].FunctionName)
      : 'aws';
  });
  const name = String(machine?.['Properties'].StateMachineName);
  const timeouts = Object.values(functions).map(
    ({ Properties: { FunctionName, Timeout } }) => [String(FunctionName), Number(Timeout) * 1_000] as const,
  );
  return {
    /** Milliseconds, by the name of the function. */
    timeouts: new Map(timeouts),
    definition: parseDefinition(text.join('')),
    stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
  };
}
