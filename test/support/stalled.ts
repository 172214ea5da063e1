import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends exactly these bytes and then nothing. Resolves with what the server says until it ends the connection. */
export async function sayAndStall(url: string, said: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk));
  // The server resets a connection whose data it has not read.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(said);
  await closed;
  return answer;
}

/** The head of a POST request, and half of its body. */
export function halfARequest(path: string, headers: Record<string, string> = {}): string {
  const all = { host: 'localhost', 'content-length': '100', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${path} HTTP/1.1`, ...lines, '', '{"half":'].join('\r\n');
}
