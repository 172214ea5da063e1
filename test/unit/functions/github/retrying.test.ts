import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import { API_URL, scriptGitHub } from './scripted-github.ts';

it('does not put the body of a request into the error for a broken query', async () => {
  const errors = [{ message: 'Something went wrong while executing your query.' }];
  const { sent } = scriptGitHub(() => Response.json({ errors }));
  const github = createGitHub({ apiUrl: API_URL, token: 'the-token', retries: 0 });
  const config = { secret: 'the-webhook-secret' };
  const creation = github.rest.repos.createWebhook({ owner: 'bank', repo: 'item-1', config });
  const error = await creation.catch((error: unknown) => error);
  expect(sent[0]?.body).toContain('the-webhook-secret');
  expect(error).toMatchObject({ status: 200, message: errors[0]?.message });
  const text = inspect(error, { depth: Infinity, showHidden: true });
  expect(text).not.toContain('the-webhook-secret');
  expect(text).not.toContain('the-token');
});
