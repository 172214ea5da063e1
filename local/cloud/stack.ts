import type { z } from 'zod';
import { TemplateUnsupported } from './errors.ts';
import { INERT, INERT_NAMING } from './inert-resources.ts';
import { isRunningType, type PropertiesOf, RUNNING, type RunningType } from './resource-types.ts';
import { queueUrl } from './running-resource.ts';
import { type Assembly, resolve, type Scope, type TemplateResource, Unresolvable } from './template.ts';

/** A resource that runs, with resolved and validated properties. */
export interface StackResource<T extends RunningType> {
  logicalId: string;
  name: string;
  arn: string;
  properties: PropertiesOf<T>;
}

export interface InertResource {
  type: string;
  logicalId: string;
  reason: string;
}

/** A template in which every resource and property is known. */
export interface Stack {
  name: string;
  all<T extends RunningType>(type: T): readonly StackResource<T>[];
  inert: readonly InertResource[];
  outputs: Record<string, string>;
}

/** The URLs at which this machine serves what AWS serves under names of its own. */
interface Endpoints {
  api: string;
  aws: string;
}

/** Resolves and validates the whole template. @throws {TemplateUnsupported} listing every fault */
export function readStack(assembly: Assembly, endpoints: Endpoints): Stack {
  const scope = createScope(assembly, endpoints);
  const faults: string[] = [];
  const inert: InertResource[] = [];
  const running: { type: RunningType; resource: StackResource<RunningType> }[] = [];

  for (const [logicalId, template] of Object.entries(assembly.resources)) {
    const type = template.Type;
    const reason = INERT[type];
    if (reason !== undefined) inert.push({ type, logicalId, reason });
    else if (!isRunningType(type)) faults.push(`${logicalId}: ${type} is not supported here`);
    else {
      const read = readResource({ logicalId, type, template }, scope);
      if ('faults' in read) faults.push(...read.faults.map((fault) => `${logicalId}: ${type} ${fault}`));
      else running.push({ type, resource: read });
    }
  }
  const outputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(assembly.outputs)) {
    outputs[name] = String(collect(faults, () => resolve(value, scope)));
  }
  if (faults.length > 0) throw new TemplateUnsupported(faults);
  return {
    name: assembly.stackName,
    // The cast is safe: each resource was parsed with the schema of its type.
    all: <T extends RunningType>(type: T) =>
      running.filter((entry) => entry.type === type).map(({ resource }) => resource as StackResource<T>),
    inert,
    outputs,
  };
}

interface Candidate {
  logicalId: string;
  type: RunningType;
  template: TemplateResource;
}

function readResource(
  { logicalId, type, template }: Candidate,
  scope: Scope,
): StackResource<RunningType> | { faults: string[] } {
  const { properties: schema, inert, arn } = RUNNING[type];
  if (template.Condition !== undefined) return { faults: ['Condition is not supported here'] };
  const faults: string[] = [];
  const resolved: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(template.Properties)) {
    if (Object.hasOwn(inert, property)) continue;
    resolved[property] = collect(faults, () => resolve(value, scope), `property ${property}: `);
  }
  const parsed = schema.safeParse(resolved);
  if (!parsed.success) faults.push(...parsed.error.issues.flatMap(describeIssue));
  const name = nameOf(logicalId, template, scope);
  if (!parsed.success || faults.length > 0) return { faults };
  return { logicalId, name, arn: arn(name), properties: parsed.data };
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `property ${[...issue.path, key].join('.')} is not supported here`);
  }
  return [`property ${issue.path.join('.')} has a value that is not supported here: ${issue.message}`];
}

function collect<T>(faults: string[], read: () => T, prefix = ''): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    faults.push(`${prefix}${error.message}`);
    return undefined;
  }
}

function nameOf(logicalId: string, template: TemplateResource, scope: Scope): string {
  const kind = isRunningType(template.Type) ? RUNNING[template.Type] : INERT_NAMING[template.Type];
  if (kind?.ref === 'logicalId') return logicalId;
  const given = kind?.nameProperty === undefined ? undefined : template.Properties[kind.nameProperty];
  const name = given === undefined ? undefined : resolve(given, scope);
  return typeof name === 'string' ? name : `${scope.stackName}-${logicalId}`;
}

/** Ref and GetAtt depend only on names and types, so the order of resources does not matter. */
function createScope({ resources, stackName }: Assembly, endpoints: Endpoints): Scope {
  const scope: Scope = {
    stackName,
    localize: (text) => text.replace(/https:\/\/[^./]+\.execute-api\.[\w.-]+/, endpoints.api),
    ref: (logicalId) => {
      const template = resources[logicalId];
      if (template === undefined) return undefined;
      const name = nameOf(logicalId, template, scope);
      if (!isRunningType(template.Type)) return INERT_NAMING[template.Type]?.ref?.(name) ?? name;
      const { ref, arn } = RUNNING[template.Type];
      if (ref === 'queueUrl') return queueUrl(endpoints.aws, name);
      return ref === 'arn' ? arn(name) : name;
    },
    attribute: (logicalId, attribute) => {
      const template = resources[logicalId];
      if (template === undefined) return undefined;
      if (template.Type === 'AWS::ApiGatewayV2::Api' && attribute === 'ApiEndpoint') return endpoints.api;
      const name = nameOf(logicalId, template, scope);
      if (template.Type === 'AWS::SQS::Queue' && attribute === 'QueueUrl')
        return queueUrl(endpoints.aws, name);
      if (isNameAttribute(template.Type, attribute)) return name;
      const kind = isRunningType(template.Type) ? RUNNING[template.Type] : INERT_NAMING[template.Type];
      const isArn = attribute === 'Arn' || (template.Type === 'AWS::SNS::Topic' && attribute === 'TopicArn');
      if (isArn) return kind?.arn(name);
      if (isRunningType(template.Type)) return undefined;
      const naming = INERT_NAMING[template.Type];
      return naming?.nameProperty === attribute ? name : naming?.attributes?.[attribute]?.(name);
    },
  };
  return scope;
}

const isNameAttribute = (type: string, attribute: string) =>
  (type === 'AWS::StepFunctions::StateMachine' && attribute === 'Name') ||
  (type === 'AWS::Events::EventBus' && attribute === 'Name') ||
  (type === 'AWS::SQS::Queue' && attribute === 'QueueName') ||
  (type === 'AWS::SNS::Topic' && attribute === 'TopicName') ||
  (type === 'AWS::ApiGatewayV2::Api' && attribute === 'ApiId');
