import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Configuration, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';

/** The stack as it is deployed, but that it tells more of itself and lets more requests in. */
export interface BenchAssembly {
  folder: string;
  functions: BenchFunction[];
}

export interface BenchFunction {
  name: string;
  /** As its log lines name it. */
  service: string;
  memoryMb: number;
  /** Of the bundle. */
  file: string;
}

const Template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
type Template = z.infer<typeof Template>;
type Properties = Template['Resources'][string]['Properties'];

/** More than any benchmark asks for, so that no answer is one about the API's own limit. */
const REQUESTS_PER_SECOND = 10_000;

/**
 * What a run costs is not in the log of a deployed stack: its functions do not report how long they took, and the
 * state machine keeps payloads to itself. No line of the product's code runs differently for it.
 */
const CHANGES: Readonly<Record<string, (properties: Properties) => Properties>> = {
  'AWS::Lambda::Function': ({ LoggingConfig, ...properties }) => ({
    ...properties,
    LoggingConfig: { ...Object(LoggingConfig), SystemLogLevel: 'INFO' },
  }),
  'AWS::StepFunctions::StateMachine': ({ LoggingConfiguration, ...properties }) => ({
    ...properties,
    LoggingConfiguration: { ...Object(LoggingConfiguration), IncludeExecutionData: true },
  }),
  'AWS::ApiGatewayV2::Stage': (properties) => ({
    ...properties,
    DefaultRouteSettings: {
      ThrottlingRateLimit: REQUESTS_PER_SECOND,
      ThrottlingBurstLimit: REQUESTS_PER_SECOND,
    },
  }),
};

export interface AssemblyPlan {
  /** For this assembly alone. */
  stateFolder: string;
  configuration: Configuration;
  /** Settings of the stack beside those that follow from the configuration. */
  settings: Readonly<Record<string, string>>;
}

export async function prepareAssembly(plan: AssemblyPlan): Promise<BenchAssembly> {
  const { stateFolder, configuration, settings } = plan;
  const folder = await synthesize(stateFolder, { ...stackSettings(configuration), ...settings });
  const file = await templateOf(folder);
  const template = Template.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const resource of Object.values(template.Resources)) {
    resource.Properties = CHANGES[resource.Type]?.(resource.Properties) ?? resource.Properties;
  }
  await writeFile(file, JSON.stringify(template));
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return { folder, functions: functions.map(({ Properties }) => describeFunction(folder, Properties)) };
}

async function templateOf(folder: string): Promise<string> {
  const [file, ...others] = (await readdir(folder)).filter((name) => name.endsWith('.template.json'));
  if (file !== undefined && others.length === 0) return join(folder, file);
  throw new Error(`${folder} does not hold one stack`);
}

const FunctionProperties = z.object({
  FunctionName: z.string(),
  MemorySize: z.number(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

function describeFunction(folder: string, properties: Properties): BenchFunction {
  const { FunctionName, MemorySize, Code, Environment } = FunctionProperties.parse(properties);
  // The CDK names the folder of an asset as it does its key.
  const asset = `asset.${Code.S3Key.replace(/\.zip$/, '')}`;
  return {
    name: FunctionName,
    service: Environment.Variables.POWERTOOLS_SERVICE_NAME,
    memoryMb: MemorySize,
    file: join(folder, asset, 'index.mjs'),
  };
}
