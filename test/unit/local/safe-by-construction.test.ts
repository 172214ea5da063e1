import { describe, expect, it, vi } from 'vitest';
import { inheritedEnvironment, outputOf } from '../../../local/child-process.ts';
import { importsOf, readSources } from '../../support/sources.ts';

const sources = await readSources(['local']);

/** Files other than `owner` that import a module of Node.js. */
const importersOf = (module: string, owner: string): string[] =>
  sources
    .flatMap(importsOf)
    .filter(({ from, to, isTypeOnly }) => to === module && from !== owner && !isTypeOnly)
    .map(({ from }) => from);

describe('local/', () => {
  it('starts processes in one place, which gives them no secrets', () => {
    expect(importersOf('node:child_process', 'local/child-process.ts')).toEqual([]);
  });

  it('creates HTTP servers in one place, which refuses other hosts', () => {
    const creates = /\b(?:http2?\.|https\.)?createServer\b/;
    const creators = sources.filter(({ text }) => creates.test(text)).map(({ path }) => path);
    expect(creators.sort()).toEqual([
      // Copies bytes to the DynamoDB engine, at an address that is hard to guess.
      'local/cloud/engine-relay.ts',
      // Finds out whether a port is free.
      'local/cloud/ports.ts',
      'local/loopback-server.ts',
      // Finds out whether a port is free.
      'local/ports.ts',
    ]);
  });
});

describe('a child process', () => {
  it.each(['GITHUB_TOKEN', 'PROJECT_WEBHOOK_SECRET', 'AWS_SECRET_ACCESS_KEY', 'NPM_TOKEN', 'ANYTHING'])(
    'does not inherit %s',
    (name) => {
      vi.stubEnv(name, 'a secret');
      try {
        expect(inheritedEnvironment()).not.toHaveProperty(name);
        expect(outputOf(process.execPath, ['-p', 'Object.keys(process.env).join()'])).not.toContain(name);
      } finally {
        vi.unstubAllEnvs();
      }
    },
  );

  it('inherits the path of programs', () => {
    expect(inheritedEnvironment()).toHaveProperty('PATH', process.env['PATH']);
  });
});
