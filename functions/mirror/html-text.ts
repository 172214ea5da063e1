import { Tokenizer } from 'htmlparser2';

/**
 * The text of HTML as people search it: without tags, with entities decoded, and with one space for each run of white
 * space. A block, a table cell and a line break separate words. MathML that begins with `<math xmlns=` and is on one line
 * stays as it is written, so that its tags can be searched too.
 *
 * The time grows in proportion to the length, whatever the HTML is. A parser would search its stack for each end tag.
 */
export function htmlText(html: string): string {
  const { rest, formulas } = takeOutFormulas(withoutMark(html));
  const text = plainText(rest).replaceAll(/\s+/g, ' ').trim();
  return text.replaceAll(FORMULA, (_, index) => formulas[Number(index)] ?? '').toWellFormed();
}

// Unicode guarantees that this is no character, so that no text needs it.
const MARK = '\uFDD0';
// HTML can have it as it is or as an entity. Each formula would appear wherever a text refers to its index.
const withoutMark = (text: string): string => text.replaceAll(MARK, '');
const FORMULA = new RegExp(`${MARK}(\\d+)${MARK}`, 'g');
const FORMULA_START = '<math xmlns=';
const FORMULA_END = '</math>';
const LINE_END = /[\n\r\u0085\u2028\u2029]/g;

/** Replaces each formula by a mark with its index. */
function takeOutFormulas(html: string): { rest: string; formulas: string[] } {
  const formulas: string[] = [];
  let rest = '';
  let taken = 0;
  let from = html.indexOf(FORMULA_START);
  let to = html.indexOf(FORMULA_END, from);
  let lineEnd = -1;
  while (from >= 0 && to >= 0) {
    if (lineEnd < from) {
      LINE_END.lastIndex = from;
      lineEnd = LINE_END.exec(html)?.index ?? html.length;
    }
    // No other formula on this line has an end either.
    if (to > lineEnd) from = html.indexOf(FORMULA_START, lineEnd);
    else {
      const end = to + FORMULA_END.length;
      formulas.push(html.slice(from, end));
      rest += `${html.slice(taken, from)}${MARK}${formulas.length - 1}${MARK}`;
      taken = end;
      from = html.indexOf(FORMULA_START, end);
    }
    if (from >= 0 && to < from) to = html.indexOf(FORMULA_END, from);
  }
  return { rest: rest + html.slice(taken), formulas };
}

/** Elements that browsers show on lines or in cells of their own: https://html.spec.whatwg.org/multipage/rendering.html */
const SEPARATE = new Set([
  ...[
    'address',
    'article',
    'aside',
    'blockquote',
    'body',
    'br',
    'caption',
    'center',
    'dd',
    'details',
    'dialog',
  ],
  ...['dir', 'div', 'dl', 'dt', 'fieldset', 'figcaption', 'figure', 'footer', 'form', 'h1', 'h2', 'h3', 'h4'],
  ...['h5', 'h6', 'header', 'hgroup', 'hr', 'html', 'legend', 'li', 'listing', 'main', 'menu', 'nav', 'ol'],
  ...['optgroup', 'option', 'p', 'plaintext', 'pre', 'search', 'section', 'summary', 'table', 'tbody', 'td'],
  ...['tfoot', 'th', 'thead', 'tr', 'ul', 'xmp'],
]);
const HIDDEN = new Set(['script', 'style']);

function plainText(html: string): string {
  const parts: string[] = [];
  let hidden: string | undefined;
  const ignore = (): void => {};
  const separate = (name: string): void => void (SEPARATE.has(name) && parts.push(' '));
  const nameAt = (start: number, end: number): string => html.slice(start, end).toLowerCase();
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => void (hidden ?? parts.push(html.slice(start, end))),
      ontextentity: (codePoint) => void (hidden ?? parts.push(withoutMark(String.fromCodePoint(codePoint)))),
      onopentagname: (start, end) => {
        const name = nameAt(start, end);
        if (HIDDEN.has(name)) hidden = name;
        separate(name);
      },
      onclosetag: (start, end) => {
        const name = nameAt(start, end);
        if (name === hidden) hidden = undefined;
        separate(name);
      },
      onattribdata: ignore,
      onattribentity: ignore,
      onattribend: ignore,
      onattribname: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return parts.join('');
}
