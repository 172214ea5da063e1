/** What a request is to GitHub's limits. To ask what is left of them is free. */
export type RequestKind = 'read' | 'write' | 'query' | 'uncounted';

interface Asked {
  method: string;
  url: string;
  headers: { authorization?: string | undefined };
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export function kindOf({ method, url, headers }: Asked): RequestKind {
  if (isByApp({ headers }) || url === '/rate_limit') return 'uncounted';
  if (url.endsWith('/graphql')) return 'query';
  return READING.has(method) ? 'read' : 'write';
}

/** An App shows a JWT to ask for a token. It has limits of its own, apart from those of its installations. */
export function isByApp({ headers }: Pick<Asked, 'headers'>): boolean {
  return /^bearer /i.test(headers.authorization ?? '');
}
