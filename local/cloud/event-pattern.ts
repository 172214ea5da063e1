type Matches = (value: unknown) => boolean;

/**
 * Compiles an EventBridge event pattern. Supports lists of exact values, prefix, suffix, exists and anything-but.
 *
 * @throws {Error} naming an operator that is not supported
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function compileEventPattern(pattern: object): Matches {
  const fields = Object.entries(pattern).map(([field, expected]) => {
    if (field.startsWith('$')) throw unsupported(field);
    const matches = Array.isArray(expected) ? compileAlternatives(expected) : compileNested(field, expected);
    return [field, matches] as const;
  });
  return (value) => fields.every(([field, matches]) => matches(ownField(value, field)));
}

const ownField = (value: unknown, field: string): unknown =>
  new Map(Object.entries(Object(value))).get(field);

function compileNested(field: string, expected: unknown): Matches {
  if (typeof expected === 'object' && expected !== null) return compileEventPattern(expected);
  throw unsupported(`${field}: ${JSON.stringify(expected)}`);
}

function compileAlternatives(alternatives: unknown[]): Matches {
  const any = alternatives.map(compileAlternative);
  return (value) => {
    const candidates = Array.isArray(value) && value.length > 0 ? value : [value];
    return candidates.some((candidate) => any.some((matches) => matches(candidate)));
  };
}

function compileAlternative(alternative: unknown): Matches {
  if (typeof alternative !== 'object' || alternative === null) return (value) => value === alternative;
  const [operator, ...others] = Object.entries(alternative);
  if (operator === undefined || others.length > 0) throw unsupported(JSON.stringify(alternative));
  return compileOperator(...operator);
}

function compileOperator(name: string, operand: unknown): Matches {
  if (name === 'exists' && typeof operand === 'boolean') return (value) => (value !== undefined) === operand;
  if (name === 'anything-but' && !isOperatorObject(operand)) {
    const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
    return (value) => value !== undefined && !excluded.includes(value);
  }
  if (name === 'prefix' && typeof operand === 'string') {
    return (value) => typeof value === 'string' && value.startsWith(operand);
  }
  if (name === 'suffix' && typeof operand === 'string') {
    return (value) => typeof value === 'string' && value.endsWith(operand);
  }
  throw unsupported(`${name}: ${JSON.stringify(operand)}`);
}

const isOperatorObject = (operand: unknown) =>
  typeof operand === 'object' && operand !== null && !Array.isArray(operand);

const unsupported = (what: string) => new Error(`event pattern ${what} is not supported here`);
