import { randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readStateFile, replaceFile } from '../files.ts';
import { AwsError, type AwsService, pageOf, parseInput } from './aws-service.ts';
import type { PropertiesOf } from './resource-types.ts';
import type { StackResource } from './stack.ts';

type Secret = StackResource<'AWS::SecretsManager::Secret'>;
type Generator = NonNullable<PropertiesOf<'AWS::SecretsManager::Secret'>['GenerateSecretString']>;

const storedSecrets = z.record(z.string(), z.string());

export interface SecretsOptions {
  stateFolder: string;
  secrets: readonly Secret[];
  /** Values by secret name; they take precedence over the template. */
  given: Record<string, string>;
}

/**
 * Generated values are created once, in a file that only its owner can read.
 *
 * @throws StateDamaged
 */
export function openSecrets({ stateFolder, secrets, given }: SecretsOptions): AwsService {
  const file = path.join(stateFolder, 'secrets.json');
  const stored = existsSync(file) ? readStateFile(file, storedSecrets) : {};
  const values = new Map<string, string>();
  for (const { name, properties } of secrets) {
    stored[name] ??= properties.SecretString ?? generateSecretString(properties.GenerateSecretString);
    values.set(name, given[name] ?? stored[name]);
  }
  replaceFile(file, `${JSON.stringify(stored, null, 2)}\n`);

  return secretsService(secrets, values);
}

const SecretId = z.string();
const inputs = {
  getValue: z.strictObject({
    SecretId,
    VersionId: z.string().optional(),
    VersionStage: z.string().optional(),
  }),
  describe: z.strictObject({ SecretId }),
  list: z.strictObject({
    MaxResults: z.number().int().min(1).max(100).default(100),
    NextToken: z.string().optional(),
    IncludePlannedDeletion: z.boolean().optional(),
  }),
};

/** Each secret has one version, AWSCURRENT, with a new id at every start. */
function secretsService(secrets: readonly Secret[], values: ReadonlyMap<string, string>): AwsService {
  const versionId = randomUUID();
  const createdDate = Date.now() / 1000;
  const describe = ({ arn, name }: Secret) => ({ ARN: arn, Name: name, CreatedDate: createdDate });
  return {
    target: 'secretsmanager',
    protocol: 'application/x-amz-json-1.1',
    operations: {
      GetSecretValue: (input) => {
        const { SecretId: id, VersionId, VersionStage } = parseInput(inputs.getValue, input);
        const secret = findSecret(secrets, id);
        if (VersionId !== undefined && VersionId !== versionId) throw noValue(`VersionId: ${VersionId}`);
        if (VersionStage !== undefined && VersionStage !== 'AWSCURRENT') {
          throw noValue(`staging label: ${VersionStage}`);
        }
        const version = { VersionId: versionId, VersionStages: ['AWSCURRENT'] };
        return { ...describe(secret), SecretString: values.get(secret.name), ...version };
      },
      DescribeSecret: (input) => ({
        ...describe(findSecret(secrets, parseInput(inputs.describe, input).SecretId)),
        RotationEnabled: false,
        VersionIdsToStages: { [versionId]: ['AWSCURRENT'] },
      }),
      ListSecrets: (input) => {
        const { MaxResults: limit, NextToken: nextToken } = parseInput(inputs.list, input);
        const { items, nextToken: next } = pageOf({
          items: secrets.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
          keyOf: ({ name }) => name,
          limit,
          nextToken,
          query: 'ListSecrets',
          badToken: 'InvalidNextTokenException',
        });
        return { SecretList: items.map(describe), NextToken: next };
      },
    },
  };
}

/** Finds a secret by name or by ARN, with or without the six characters that Secrets Manager appends. */
function findSecret(secrets: readonly Secret[], id: string): Secret {
  const secret = secrets.find(({ name, arn }) => [name, arn, arn.replace(/-\w{6}$/, '')].includes(id));
  if (secret !== undefined) return secret;
  throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

const noValue = (what: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
  );

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-secret-generatesecretstring.html */
export function generateSecretString(generator: Generator | undefined): string {
  if (generator === undefined) return '';
  const password = generatePassword(generator);
  const { SecretStringTemplate, GenerateStringKey } = generator;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...Object(JSON.parse(SecretStringTemplate)), [GenerateStringKey]: password });
}

function generatePassword(generator: Generator): string {
  const alphabets = alphabetsOf(generator);
  const everything = alphabets.join('');
  const characters = generator.RequireEachIncludedType ? alphabets.map(pickOne) : [];
  while (characters.length < generator.PasswordLength) characters.push(pickOne(everything));
  return shuffle(characters).join('');
}

function alphabetsOf(generator: Generator): string[] {
  const included: readonly (readonly [string, boolean])[] = [
    ['abcdefghijklmnopqrstuvwxyz', !generator.ExcludeLowercase],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', !generator.ExcludeUppercase],
    ['0123456789', !generator.ExcludeNumbers],
    ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', !generator.ExcludePunctuation],
    [' ', generator.IncludeSpace],
  ];
  return included
    .filter(([, isIncluded]) => isIncluded)
    .map(([letters]) =>
      [...letters].filter((letter) => !generator.ExcludeCharacters.includes(letter)).join(''),
    )
    .filter((letters) => letters !== '');
}

const pickOne = (letters: string) => letters.charAt(randomInt(letters.length));

function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
