const MAX_LENGTH = 100;

/** Why GitHub refuses this name of a repository; undefined for a valid name. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[^\w.-]/.test(name)) return 'has characters other than letters, digits, ".", "-" and "_"';
  if (name.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (/^\.\.?$/.test(name)) return 'is reserved';
  if (/\.(?:git|wiki)$/i.test(name)) return 'ends in ".git" or ".wiki"';
  return undefined;
}
