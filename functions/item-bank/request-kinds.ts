/** What a request is to GitHub's limits. */
export type RequestKind = 'read' | 'write' | 'query' | 'by-app';

interface Asked {
  method: string;
  url: string;
  headers: { authorization?: string | undefined };
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export function kindOf({ method, url, headers }: Asked): RequestKind {
  // An App shows a JWT to ask for a token. It has limits of its own, apart from those of its installations.
  if (/^bearer /i.test(headers.authorization ?? '')) return 'by-app';
  if (url.endsWith('/graphql')) return 'query';
  return READING.has(method) ? 'read' : 'write';
}
