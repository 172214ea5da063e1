import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Configuration, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';

/** The deployed stack, with more logging and a higher request limit. */
export interface BenchAssembly {
  folder: string;
  functions: BenchFunction[];
}

export interface BenchFunction {
  name: string;
  /** The `service` of its log lines. */
  service: string;
  memoryMb: number;
  /** The path of the bundle. */
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

/** More than any benchmark sends, so that API Gateway never refuses a request. */
const REQUESTS_PER_SECOND = 10_000;

/**
 * The benchmark needs the durations of invocations and the payloads of states, which a deployed stack does not log. The
 * code of the functions stays the same.
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
  'AWS::ApiGatewayV2::Stage': ({ RouteSettings: _, ...properties }) => ({
    ...properties,
    DefaultRouteSettings: {
      ThrottlingRateLimit: REQUESTS_PER_SECOND,
      ThrottlingBurstLimit: REQUESTS_PER_SECOND,
    },
  }),
};

export interface AssemblyPlan {
  /** Used for this assembly only. */
  stateFolder: string;
  configuration: Configuration;
  /** Settings of the stack in addition to those of the configuration. */
  settings: Readonly<Record<string, string>>;
}

export async function prepareAssembly(plan: AssemblyPlan): Promise<BenchAssembly> {
  const { stateFolder, configuration, settings } = plan;
  const folder = await synthesize(stateFolder, { ...stackSettings(configuration), ...settings });
  const file = await findTemplate(folder);
  const template = Template.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const resource of Object.values(template.Resources)) {
    resource.Properties = CHANGES[resource.Type]?.(resource.Properties) ?? resource.Properties;
  }
  await writeFile(file, JSON.stringify(template));
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return { folder, functions: functions.map(({ Properties }) => describeFunction(folder, Properties)) };
}

async function findTemplate(folder: string): Promise<string> {
  const [file, ...others] = (await readdir(folder)).filter((name) => name.endsWith('.template.json'));
  if (file !== undefined && others.length === 0) return join(folder, file);
  throw new Error(`${folder} does not contain exactly one stack`);
}

const FunctionProperties = z.object({
  FunctionName: z.string(),
  MemorySize: z.number(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

function describeFunction(folder: string, properties: Properties): BenchFunction {
  const { FunctionName, MemorySize, Code, Environment } = FunctionProperties.parse(properties);
  // The folder of an asset is named after its S3 key.
  const asset = `asset.${Code.S3Key.replace(/\.zip$/, '')}`;
  return {
    name: FunctionName,
    service: Environment.Variables.POWERTOOLS_SERVICE_NAME,
    memoryMb: MemorySize,
    file: join(folder, asset, 'index.mjs'),
  };
}
