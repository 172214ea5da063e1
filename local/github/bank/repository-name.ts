const LONGEST_NAME = 100;

/** Why GitHub has no repository of this name; undefined when it can have one. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[^\w.-]/.test(name)) return 'has characters other than letters, digits, ".", "-" and "_"';
  if (name.length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} characters`;
  if (/^\.\.?$/.test(name)) return 'is reserved';
  if (/\.(?:git|wiki)$/i.test(name)) return 'ends in ".git" or ".wiki"';
  return undefined;
}
