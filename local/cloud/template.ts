import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CloudError } from './errors.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
/** The ARN of every role, because IAM is not evaluated here. */
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/not-evaluated-here`;

export interface Assembly {
  stackName: string;
  resources: Record<string, TemplateResource>;
  /** Values by output name, not yet resolved. */
  outputs: Record<string, unknown>;
  /** Folder of each asset by the S3 key that the template names. */
  assetFolders: ReadonlyMap<string, string>;
}

/** Resolves references for the intrinsic functions; undefined when there is no such resource or attribute. */
export interface Scope {
  stackName: string;
  ref(logicalId: string): string | undefined;
  attribute(logicalId: string, name: string): string | undefined;
  /** Replaces addresses of a deployed stack by those of this machine. */
  localize(text: string): string;
}

const templateResource = z.object({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

export type TemplateResource = z.infer<typeof templateResource>;

/**
 * Parameters, Rules and Conditions are accepted because CDK writes them for its own deployment: the first two check the
 * bootstrap version, the last guards CDKMetadata. A resource that refers to one of them is refused.
 */
const template = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.unknown().optional(),
  Rules: z.unknown().optional(),
  Conditions: z.unknown().optional(),
  Resources: z.record(z.string(), templateResource),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .optional(),
    }),
  ),
});

const assetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** Reads a cloud assembly that `cdk synth` wrote, with exactly one stack. @throws {CloudError} AssemblyUnreadable */
export async function readAssembly(folder: string): Promise<Assembly> {
  const { artifacts } = await readJson(path.join(folder, 'manifest.json'), manifest);
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    throw new CloudError(
      'AssemblyUnreadable',
      `${folder} has ${stacks.length} stacks; exactly one can run here.`,
    );
  }
  const [artifactId, { properties }] = stack;
  const templateFile = properties?.templateFile ?? `${artifactId}.template.json`;
  const { Resources, Outputs } = await readJson(path.join(folder, templateFile), template);
  const { files } = await readJson(path.join(folder, `${artifactId}.assets.json`), assetManifest);
  const assets = Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }) => [objectKey, path.join(folder, source.path)] as const),
  );
  return {
    stackName: properties?.stackName ?? artifactId,
    resources: Resources,
    outputs: Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, Value])),
    assetFolders: new Map(assets),
  };
}

async function readJson<T extends z.ZodType>(file: string, schema: T): Promise<z.output<T>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new CloudError('AssemblyUnreadable', `${file} is not a readable part of a cloud assembly.`, {
      cause,
    });
  }
}

/** Names an intrinsic function, or its target, that cannot be resolved here. */
export class Unresolvable extends Error {}

const NO_VALUE = Symbol('AWS::NoValue');

/** Resolves the intrinsic functions in a template value. @throws {Unresolvable} */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveValue(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

function resolveValue(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolveValue(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && isIntrinsic(first[0])) {
    return applyIntrinsic(first[0], first[1], scope);
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, resolveValue(item, scope)] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

const isIntrinsic = (key: string) => key === 'Ref' || key === 'Condition' || key.startsWith('Fn::');

function applyIntrinsic(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case 'Ref':
      return refer(text(argument, name), scope);
    case 'Fn::GetAtt':
      return getAttribute(argument, scope);
    case 'Fn::Join': {
      const [separator, parts] = list(argument, name, scope);
      return scope.localize(list(parts, name, scope).join(text(separator, name)));
    }
    case 'Fn::Split': {
      const [separator, source] = list(argument, name, scope);
      return text(source, name).split(text(separator, name));
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, name, scope);
      return list(items, name, scope)[Number(index)];
    }
    case 'Fn::Sub':
      return substitute(argument, scope);
    default:
      throw new Unresolvable(`${name} is not supported here`);
  }
}

function refer(target: string, scope: Scope): unknown {
  const pseudo: Record<string, unknown> = {
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::StackName': scope.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::NoValue': NO_VALUE,
  };
  const found = pseudo[target] ?? scope.ref(target);
  if (found === undefined) throw new Unresolvable(`Ref ${target} refers to nothing that exists here`);
  return found;
}

function getAttribute(argument: unknown, scope: Scope): string {
  const [logicalId, ...attribute] =
    typeof argument === 'string' ? argument.split('.') : list(argument, 'Fn::GetAtt', scope);
  const found = scope.attribute(String(logicalId), attribute.join('.'));
  if (found === undefined) {
    throw new Unresolvable(`Fn::GetAtt ${logicalId}.${attribute.join('.')} has no value here`);
  }
  return found;
}

function substitute(argument: unknown, scope: Scope): string {
  const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const given = new Map(Object.entries(Object(resolveValue(variables, scope))));
  const substituted = text(pattern, 'Fn::Sub').replaceAll(
    /\$\{(!?)([^}]+)\}/g,
    (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      if (given.has(name)) return String(given.get(name));
      return String(name.includes('.') ? getAttribute(name, scope) : refer(name, scope));
    },
  );
  return scope.localize(substituted);
}

function list(value: unknown, where: string, scope: Scope): unknown[] {
  const resolved = resolveValue(value, scope);
  if (!Array.isArray(resolved)) throw new Unresolvable(`${where} needs a list`);
  return resolved;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Unresolvable(`${where} needs a string`);
  return value;
}
