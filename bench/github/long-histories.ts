import { Octokit } from '@octokit/rest';
import * as z from 'zod';
import { BANK } from './bank.ts';

/** Repositories with histories that take much memory if they are read carelessly. */
export interface HistoriesPlan {
  /** The commits of item.json in one repository, each of the size of an ordinary item. */
  smallCommits: number;
  /** The commits of item.json in another repository, each of a megabyte. */
  largeCommits: number;
}

// The limit of the product is 1 MiB.
const LARGE_BYTES = 1_000_000;
const Item = z.looseObject({ id: z.union([z.string(), z.number()]) });
const Written = z.object({ content: z.object({ sha: z.string() }) });

/** Creates the two repositories. @returns their names. */
export async function addLongHistories(
  url: string,
  { smallCommits, largeCommits }: HistoriesPlan,
): Promise<{ small: string; large: string }> {
  const { rest } = new Octokit({ baseUrl: url, auth: BANK.token });
  const { data: repositories } = await rest.repos.listForOrg({ org: BANK.organization, per_page: 10 });
  const example = await firstItem(rest, repositories);
  const write = async (
    name: string,
    commits: number,
    textOf: (version: number) => string,
  ): Promise<string> => {
    await rest.repos.createInOrg({ org: BANK.organization, name, private: true });
    const file = { owner: BANK.organization, repo: name, path: 'item.json' };
    let sha: string | undefined;
    for (let version = 1; version <= commits; version += 1) {
      const content = Buffer.from(textOf(version)).toString('base64');
      const message = `Save version ${version}`;
      const request = { ...file, message, content, ...(sha !== undefined && { sha }) };
      sha = Written.parse((await rest.repos.createOrUpdateFileContents(request)).data).content.sha;
    }
    return name;
  };
  return {
    small: await write('item-990001', smallCommits, (version) =>
      JSON.stringify({ ...example, id: '990001', version }),
    ),
    large: await write('item-990002', largeCommits, (version) =>
      JSON.stringify({ ...example, id: '990002', rationale: prose(version) }),
    ),
  };
}

/** Items that are being created have no item.json on the main branch. */
async function firstItem(
  { repos }: Octokit['rest'],
  repositories: readonly { name: string }[],
): Promise<z.infer<typeof Item>> {
  const raw = { mediaType: { format: 'raw' } };
  for (const { name: repo } of repositories) {
    const place = { owner: BANK.organization, repo, path: 'item.json', ...raw };
    const found = await repos.getContent(place).catch(() => undefined);
    if (found) return Item.parse(JSON.parse(String(found.data)));
  }
  throw new Error('none of the first repositories has an item.json');
}

/** Different in each version, like a text that is edited, and as compressible as markup. */
function prose(version: number): string {
  const sentences: string[] = [];
  for (let bytes = 0; bytes < LARGE_BYTES - 20_000; ) {
    const sentence = `<p>Sentence ${sentences.length * 7_919 + version} of the rationale.</p>`;
    sentences.push(sentence);
    bytes += sentence.length;
  }
  return sentences.join('');
}
