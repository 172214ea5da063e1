/** A JSON Schema (2020-12), as OpenAPI 3.1 uses it. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const number: Schema = { type: 'number' };
/** A whole number from 1 on, such as an item bank id. */
export const id: Schema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
export const time: Schema = { type: 'string', format: 'date-time' };

export const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: [...values] });
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const described = (description: string, schema: Schema): Schema => ({ ...schema, description });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/**
 * The schema of an object. `Shape` is the type of the answer: a property that the type does not have, or that is missing
 * here, does not compile. Properties are required unless `optional` names them.
 */
export function objectOf<Shape extends object>(
  properties: Readonly<Record<keyof Shape & string, Schema>>,
  optional: readonly (keyof Shape & string)[] = [],
): Schema {
  const names: string[] = Object.keys(properties);
  const left: readonly string[] = optional;
  return {
    type: 'object',
    properties,
    required: names.filter((name) => !left.includes(name)),
    additionalProperties: false,
  };
}
