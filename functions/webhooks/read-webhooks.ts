import type { GitHub } from '../github/github.ts';
import { type Page, type PagedList, readFollowingPages, readPage } from '../github/pages.ts';
import { isObject, type ResponseHeaders } from '../github/responses.ts';

/** A webhook as GitHub shows it. A setting can be missing, or have another type than GitHub documents. */
export interface Webhook {
  id: number;
  active?: unknown;
  events?: unknown;
  /** How the last delivery was answered. GitHub shows it for webhooks of repositories only. */
  lastResponseCode?: unknown;
  config: {
    url?: unknown;
    content_type?: unknown;
    insecure_ssl?: unknown;
    /** GitHub shows `********` for any secret, and leaves the field out if there is none. */
    secret?: unknown;
  };
}

/** The webhooks of a repository, or of the organization. */
export interface FoundWebhooks {
  webhooks: Webhook[];
  /** Webhooks that cannot be identified, because they have no id. */
  unreadable: UnreadableWebhook[];
  /** The host that the only webhook of an App points to, if that is not this service. */
  occupiedBy?: string;
}

interface UnreadableWebhook {
  url: unknown;
  fault: string;
  headers: ResponseHeaders;
}

/**
 * Parses each webhook separately, so that somebody else's unusual webhook does not hide the project webhook.
 * @throws what Octokit's requests throw.
 */
export async function readWebhooks(github: GitHub, list: PagedList): Promise<FoundWebhooks> {
  const first = await readPage(github, list);
  const pages = [first];
  const read = (part: PagedList): Promise<Page> => readPage(github, part);
  for await (const page of readFollowingPages(read, list, first)) pages.push(page);
  const found = pages.map(webhooksOf);
  return {
    webhooks: found.flatMap(({ webhooks }) => webhooks),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}

function webhooksOf({ data, headers }: Page): FoundWebhooks {
  const found: FoundWebhooks = { webhooks: [], unreadable: [] };
  if (!Array.isArray(data)) {
    const fault = 'answer: expected a list of webhooks';
    return { ...found, unreadable: [{ url: undefined, fault, headers }] };
  }
  for (const [index, value] of data.entries()) {
    const { id, active, events, config, last_response } = isObject(value) ? value : {};
    const { code: lastResponseCode } = isObject(last_response) ? last_response : {};
    const { url, content_type, insecure_ssl, secret } = isObject(config) ? config : {};
    if (typeof id === 'number' && Number.isSafeInteger(id)) {
      const settings = { url, content_type, insecure_ssl, secret };
      found.webhooks.push({ id, active, events, lastResponseCode, config: settings });
    } else {
      found.unreadable.push({ url, fault: `${index}.id: expected the id of a webhook`, headers });
    }
  }
  return found;
}
