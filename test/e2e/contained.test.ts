import { once } from 'node:events';
import { mkdirSync, renameSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endOf, said, useCommands } from '../support/commands.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { descendantsOf, enginesOf, environmentOf, listeningAddressesOf } from '../support/processes.ts';

const SECRETS = ['GITHUB_TOKEN', 'PROJECT_WEBHOOK_SECRET', 'AWS_SECRET_ACCESS_KEY', 'NPM_TOKEN'];
const SECRET = 'a-secret-of-the-terminal';

describe('the running stack', () => {
  let embedded: Embedded;
  let alreadyListening: string[];

  beforeAll(async () => {
    for (const name of SECRETS) vi.stubEnv(name, SECRET);
    alreadyListening = listeningAddressesOf(process.pid);
    embedded = await startEmbedded();
  });
  afterAll(async () => {
    await embedded?.close();
    vi.unstubAllEnvs();
  });

  const ownAddresses = () =>
    listeningAddressesOf(process.pid).filter((address) => !alreadyListening.includes(address));

  async function statusOf(address: string, headers: Record<string, string>): Promise<number | undefined> {
    const request = httpRequest(`http://${address}/`, {
      headers: { 'user-agent': 'test', ...headers },
    }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  it('refuses pages of other hosts on every port at which it listens', async () => {
    const { cloud, github, identityProvider } = embedded;
    const urls = [cloud.awsEndpoint, cloud.apiEndpoint, github.url, identityProvider.issuer];
    const known = new Set(urls.map((url) => new URL(url).host));
    const addresses = ownAddresses();
    // The relay to the database engine.
    const others = addresses.filter((address) => !known.has(address));
    expect(others).toEqual([expect.stringMatching(/^127\.(?!0\.0\.1:)\d+\.\d+\.\d+:\d+$/)]);
    expect(addresses).toHaveLength(known.size + 1);
    for (const address of addresses) {
      expect([address, await statusOf(address, { host: 'attacker.example' })]).toEqual([address, 403]);
      expect([address, await statusOf(address, { origin: 'https://attacker.example' })]).toEqual([
        address,
        403,
      ]);
    }
  });

  it('listens at no other address, except that the engine listens at one that a page cannot find', () => {
    const others = descendantsOf(process.pid).flatMap(listeningAddressesOf);
    expect(others).toEqual([expect.stringMatching(/^127\.\d+\.\d+\.\d+:\d+$/)]);
    expect(others[0]).not.toMatch(/^127\.0\.0\.1:/);
  });

  it('passes no secret of its environment to a child process', async () => {
    expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED' });
    const children = descendantsOf(process.pid);
    expect(children.length).toBeGreaterThan(0);
    for (const child of children) {
      const environment = environmentOf(child);
      expect(environment.filter((variable) => variable.includes(SECRET))).toEqual([]);
    }
  });

  it('completes a run although the database engine is killed during it', async () => {
    const report = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const letGo = embedded.hold();
    const running = embedded.run();
    try {
      process.kill(Number(enginesOf(process.pid)[0]), 'SIGKILL');
    } finally {
      letGo();
    }
    expect(await running).toMatchObject({ exitCode: 'COMPLETED', counts: { total: 12, failed: 0 } });
    expect(report.mock.calls.map(([text]) => text)).toContain(
      'The DynamoDB engine ended with SIGKILL and was restarted. Its data is kept.\n',
    );
    report.mockRestore();
  });
});

describe('npm start', () => {
  const { start, stateFolder } = useCommands();

  it('ends with one sentence when the database engine is killed and cannot be restarted', async () => {
    const up = start(['start'], { ITEM_BANK_SIZE: '3' });
    await said(up, 'Ctrl-C ends it');
    const ended = endOf(up);
    const file = join(stateFolder(), 'cloud', 'dynamodb.sqlite');
    renameSync(file, `${file}.away`);
    mkdirSync(file);
    process.kill(Number(enginesOf(Number(up.pid))[0]), 'SIGKILL');
    const { code, stderr } = await ended;
    expect(stderr).toMatch(/^The DynamoDB engine ended with SIGKILL and could not be restarted: [^\n]+\.$/m);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  });
});
