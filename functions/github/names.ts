/** Whether GitHub gives such a name, and it stays one step of a path: `.` and `..` would lead elsewhere. */
export function isRepositoryName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,100}$/.test(name) && name !== '.' && name !== '..';
}

/** GitHub keeps the case of a login, and takes any. */
export function isSameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
