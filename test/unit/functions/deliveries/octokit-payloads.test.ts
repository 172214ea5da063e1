import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openReceiver } from '../../../support/deliveries.ts';

/** Payloads that GitHub has sent, as Octokit publishes them: of github.com and of several Enterprise Servers. */
const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }));
const HANDLED = new Set(['push', 'repository', 'create', 'delete', 'meta']);
const folder = dirname(createRequire(import.meta.url).resolve('@octokit/webhooks-examples/package.json'));
const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('/index.json'));

describe("Octokit's published payloads", () => {
  it('are found', () => {
    expect(files).toContain('api.github.com/index.json');
  });

  it.each(files)('are all accepted or acknowledged: %s', async (file) => {
    const { receive, messages } = openReceiver({ organization: 'Codertocat' });
    const events = Examples.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    const answers = [];
    for (const { name: event, examples } of events) {
      for (const body of examples) answers.push({ event, ...(await receive({ event, body })) });
    }
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(answers.length).toBeGreaterThan(40);
    expect(messages.filter(({ event }) => !HANDLED.has(event))).toEqual([]);
    expect(messages.length).toBeGreaterThan(0);
  });
});
