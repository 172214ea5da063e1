import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The ids of all processes that this process started, and that they started. Linux only. */
export function descendantsOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    numbersIn(read(`/proc/${pid}/task/${thread}/children`)),
  );
  return children.flatMap((child) => [child, ...descendantsOrNone(child)]);
}

/** A process may end while it is looked at. */
function descendantsOrNone(pid: number): number[] {
  try {
    return descendantsOf(pid);
  } catch {
    return [];
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const numbersIn = (text: string): number[] => text.split(' ').filter(Boolean).map(Number);

const commandLineOf = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

/** The environment that a process was started with, as lines of `NAME=value`. */
export const environmentOf = (pid: number): string[] => read(`/proc/${pid}/environ`).split('\0');

/** The DynamoDB engines that this process started. */
export const enginesOf = (pid: number): number[] =>
  descendantsOf(pid).filter((child) => commandLineOf(child).includes('--db-path'));

/** The state of a socket in /proc/net/tcp that is listening. */
const LISTENING = '0A';

/** The addresses at which a process listens, such as `127.0.0.1:4566`. */
export function listeningAddressesOf(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1] ?? []),
  );
  return [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`].flatMap((file) =>
    read(file)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTENING && sockets.has(inode ?? ''))
      .map(([, address = '']) => formatAddress(address)),
  );
}

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
}

/** The kernel writes the bytes of an IPv4 address in reverse. */
function formatAddress(address: string): string {
  const [host = '', port = ''] = address.split(':');
  const bytes = Buffer.from(host, 'hex').reverse();
  return `${bytes.length === 4 ? bytes.join('.') : host}:${Number.parseInt(port, 16)}`;
}
