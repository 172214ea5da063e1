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
    if (Array.isArray(expected)) return [field, compileAlternatives(expected)] as const;
    if (typeof expected !== 'object' || expected === null) {
      throw unsupported(`${field}: ${JSON.stringify(expected)}`);
    }
    return [field, compileEventPattern(expected)] as const;
  });
  return (value) => {
    const own = new Map<string, unknown>(Object.entries(Object(value)));
    return fields.every(([field, matches]) => matches(own.get(field)));
  };
}

function compileAlternatives(alternatives: unknown[]): Matches {
  const any = alternatives.map((alternative): Matches => {
    if (typeof alternative !== 'object' || alternative === null) return (value) => value === alternative;
    const [operator, ...others] = Object.entries(alternative);
    if (operator === undefined || others.length > 0) throw unsupported(JSON.stringify(alternative));
    return compileOperator(...operator);
  });
  return (value) => {
    const candidates = Array.isArray(value) && value.length > 0 ? value : [value];
    return candidates.some((candidate) => any.some((matches) => matches(candidate)));
  };
}

function compileOperator(name: string, operand: unknown): Matches {
  if (name === 'exists' && typeof operand === 'boolean') return (value) => (value !== undefined) === operand;
  const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (name === 'anything-but' && (Array.isArray(operand) || Object(operand) !== operand)) {
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

const unsupported = (what: string) => new Error(`event pattern ${what} is not supported here`);
