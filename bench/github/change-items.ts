import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import pMap from 'p-map';
import * as z from 'zod';
import { spread } from '../statistics.ts';
import { BANK } from './bank.ts';
import { readBank } from './bank-reader.ts';

const File = z.object({ sha: z.string(), content: z.string() });
const COMMITS_IN_FLIGHT = 5;
const PATH = 'item.json';

/** Commits another item.json to `count` repositories, spread over the bank. */
export async function changeItems(url: string, count: number): Promise<void> {
  if (count === 0) return;
  const octokit = new Octokit({ baseUrl: url, auth: BANK.token });
  const repositories = await readBank(url).list();
  // Items that are being created have no item.json on the main branch. Their neighbours are changed instead.
  const change = async (index: number): Promise<void> => {
    const repo = repositories[index % repositories.length]?.repositoryName ?? '';
    try {
      await changeItem(octokit, repo);
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 404) throw error;
      await change(index + 1);
    }
  };
  await pMap(spread([...repositories.keys()], count), change, { concurrency: COMMITS_IN_FLIGHT });
}

/**
 * Commits another item.json.
 * @returns the commit.
 * @throws RequestError with status 404 if there is no item.json on the main branch.
 */
export async function changeItem({ rest }: Octokit, repo: string): Promise<string> {
  const place = { owner: BANK.organization, repo, path: PATH };
  const { sha, content } = File.parse((await rest.repos.getContent(place)).data);
  const text = `${Buffer.from(content, 'base64').toString('utf8')}\n`;
  const { data } = await rest.repos.createOrUpdateFileContents({
    ...place,
    sha,
    message: 'Change the item',
    content: Buffer.from(text).toString('base64'),
  });
  return z.string().parse(data.commit.sha);
}
