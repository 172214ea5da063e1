import { AwsError } from './aws-service.ts';

type Matches = (message: string) => boolean;

/**
 * Compiles the common part of CloudWatch's filter patterns: an empty pattern, terms that must all occur, and
 * `{ $.field = value && … }`. Anything else is refused, because a partly understood pattern would hide lines.
 *
 * @throws {AwsError} InvalidParameterException naming the part that is not supported
 */
export function compileFilterPattern(pattern: string): Matches {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (trimmed.startsWith('{')) return compileJsonPattern(trimmed);
  if (/^[[%]/.test(trimmed)) throw unsupported(trimmed);
  const terms = trimmed.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const wanted = terms.map((term) => {
    if (/^[?-]/.test(term)) throw unsupported(term);
    return term.startsWith('"') ? unquote(term) : term;
  });
  return (message) => wanted.every((term) => message.includes(term));
}

const unsupported = (what: string) =>
  new AwsError('InvalidParameterException', `The filter pattern ${what} is not supported here.`);

const unquote = (quoted: string) => quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');

function compileJsonPattern(pattern: string): Matches {
  const body = /^\{(.*)\}$/s.exec(pattern)?.[1];
  if (body === undefined) throw unsupported(pattern);
  const conditions = body.split('&&').map((condition) => compileCondition(condition.trim()));
  return (message) => {
    const document = parseObject(message);
    return document !== undefined && conditions.every((condition) => condition(document));
  };
}

function compileCondition(condition: string): (document: object) => boolean {
  const parts = /^\$\.([\w.-]+)\s*(=|!=)\s*("(?:[^"\\*]|\\.)*"|[\w.+-]+)$/.exec(condition);
  if (parts === null) throw unsupported(`{ ${condition} }`);
  const [, selector = '', operator, literal = ''] = parts;
  const value = literal.startsWith('"') ? unquote(literal) : literal;
  const isNumber = !literal.startsWith('"') && !Number.isNaN(Number(literal));
  const equals = (found: unknown) =>
    isNumber && typeof found === 'number' ? found === Number(literal) : String(found) === value;
  return (document) => {
    const found = select(document, selector.split('.'));
    return found !== undefined && equals(found) === (operator === '=');
  };
}

const select = (document: unknown, keys: string[]): unknown =>
  keys.reduce<unknown>((value, key) => new Map(Object.entries(Object(value))).get(key), document);

function parseObject(message: string): object | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
