import { AwsError } from './aws-service.ts';

type Matches = (message: string) => boolean;
type MatchesDocument = (document: object) => boolean;

/**
 * Compiles the part of CloudWatch's filter patterns that local/README.md lists. Anything else is refused, because a
 * partly understood pattern would hide lines.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws {AwsError} InvalidParameterException naming the part that is not supported
 */
export function compileFilterPattern(pattern: string): Matches {
  const trimmed = pattern.trim();
  if (trimmed === '') return () => true;
  if (trimmed.startsWith('{')) return compileJsonPattern(trimmed);
  if (trimmed.startsWith('[')) throw unsupported(trimmed);
  if (trimmed.startsWith('%')) return matchesRegex(trimmed);
  return compileTerms(trimmed);
}

const unsupported = (what: string) =>
  new AwsError('InvalidParameterException', `The filter pattern ${what} is not supported here.`);

const unquote = (quoted: string) => quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');

/** All terms must occur. Of optional terms (`?a ?b`), at least one must. */
function compileTerms(pattern: string): Matches {
  const terms = pattern.match(/\??"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const optional = terms.filter((term) => term.startsWith('?'));
  const excluded = terms.find((term) => term.startsWith('-'));
  if (excluded !== undefined) throw unsupported(excluded);
  if (optional.length > 0 && optional.length < terms.length) throw unsupported(pattern);
  const wanted = terms
    .map((term) => term.replace(/^\?/, ''))
    .map((term) => {
      if (term === '' || term.startsWith('%')) throw unsupported(pattern);
      return term.startsWith('"') ? unquote(term) : term;
    });
  return optional.length > 0
    ? (message) => wanted.some((term) => message.includes(term))
    : (message) => wanted.every((term) => message.includes(term));
}

/** The characters that CloudWatch allows in a regular expression. Groups are not supported. */
const REGEX = /^%([A-Za-z0-9:_#=@/;,^$?[\]{}|\\*+.-]+)%$/;

function matchesRegex(pattern: string): Matches {
  const source = REGEX.exec(pattern)?.[1];
  if (source === undefined) throw unsupported(pattern);
  try {
    const regex = new RegExp(source);
    return (text) => regex.test(text);
  } catch {
    throw unsupported(pattern);
  }
}

function compileJsonPattern(pattern: string): Matches {
  const body = /^\{(.*)\}$/s.exec(pattern)?.[1];
  if (body === undefined) throw unsupported(pattern);
  const tokens = body.match(TOKEN) ?? [];
  const { matches, rest } = parseAny(tokens, pattern);
  if (rest.length > 0) throw unsupported(pattern);
  return (message) => {
    const document = parseObject(message);
    return document !== undefined && matches(document);
  };
}

const CONDITION = /\$\.[\w.-]+\s*(?:!=|=)\s*(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[\w.+-]+)/;
/** The last alternative makes anything else a token that no rule accepts. */
const TOKEN = new RegExp(`${CONDITION.source}|\\(|\\)|&&|\\|\\||[^\\s()&|]+|\\S`, 'g');

interface Parsed {
  matches: MatchesDocument;
  rest: string[];
}

/** `a || b || …` */
function parseAny(tokens: string[], pattern: string): Parsed {
  let { matches, rest } = parseAll(tokens, pattern);
  while (rest[0] === '||') {
    const left = matches;
    const right = parseAll(rest.slice(1), pattern);
    matches = (document) => left(document) || right.matches(document);
    rest = right.rest;
  }
  return { matches, rest };
}

/** `a && b && …`, which binds more strongly. */
function parseAll(tokens: string[], pattern: string): Parsed {
  let { matches, rest } = parseOne(tokens, pattern);
  while (rest[0] === '&&') {
    const left = matches;
    const right = parseOne(rest.slice(1), pattern);
    matches = (document) => left(document) && right.matches(document);
    rest = right.rest;
  }
  return { matches, rest };
}

function parseOne([first = '', ...rest]: string[], pattern: string): Parsed {
  if (first !== '(') return { matches: compileCondition(first), rest };
  const inner = parseAny(rest, pattern);
  const [closing, ...after] = inner.rest;
  if (closing !== ')') throw unsupported(pattern);
  return { matches: inner.matches, rest: after };
}

function compileCondition(condition: string): MatchesDocument {
  const parts = /^\$\.([\w.-]+)\s*(=|!=)\s*(.*)$/s.exec(condition);
  if (parts === null) throw unsupported(`{ ${condition} }`);
  const [, selector = '', operator, literal = ''] = parts;
  const equals = compileLiteral(literal, condition);
  return (document) => {
    const found = select(document, selector.split('.'));
    return found !== undefined && equals(found) === (operator === '=');
  };
}

function compileLiteral(literal: string, condition: string): (found: unknown) => boolean {
  if (literal.startsWith('%')) {
    const matches = matchesRegex(literal);
    return (found) => matches(String(found));
  }
  const isQuoted = literal.startsWith('"');
  // CloudWatch would treat it as a wildcard.
  if (literal.includes('*')) throw unsupported(`{ ${condition} }`);
  const value = isQuoted ? unquote(literal) : literal;
  const isNumber = !isQuoted && !Number.isNaN(Number(literal));
  return (found) =>
    isNumber && typeof found === 'number' ? found === Number(literal) : String(found) === value;
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
