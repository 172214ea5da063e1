const STEPS: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/**
 * Whether JSON has more levels of objects and arrays. JSON.parse reads any number of them, but code that walks through
 * the result, such as JSON.stringify, overflows the stack at a few thousand.
 */
export function isNestedDeeper(json: string, levels: number): boolean {
  // Each level takes two characters.
  if (json.length < 2 * levels) return false;
  const significant = /["{}[\]]/g;
  const inString = /["\\]/g;
  let level = 0;
  for (let found = significant.exec(json); found !== null; found = significant.exec(json)) {
    level += STEPS[found[0]] ?? 0;
    if (level > levels) return true;
    if (found[0] === '"') significant.lastIndex = endOfString(json, significant.lastIndex, inString);
  }
  return false;
}

/** The position after the quotation mark that ends a string. One after a backslash does not end it. */
function endOfString(json: string, start: number, inString: RegExp): number {
  inString.lastIndex = start;
  for (let found = inString.exec(json); found !== null; found = inString.exec(json)) {
    if (found[0] === '"') return inString.lastIndex;
    inString.lastIndex += 1;
  }
  return json.length;
}
