import type { Octokit } from '@octokit/rest';
import type { Answer } from './github-answers.ts';
import { isObject } from './json.ts';

const known = new WeakMap<object, Answer['headers']>();

/** Octokit gives the data of a good answer to a GraphQL query without its headers: this keeps them for headersOf. */
export function keepHeaders({ hook }: Pick<Octokit, 'hook'>): void {
  hook.after('request', ({ data, headers }) => {
    if (isObject(data) && isObject(data['data'])) known.set(data['data'], headers);
  });
}

/** The headers that came with the data of an answer. */
export function headersOf(data: unknown): Answer['headers'] {
  return (isObject(data) && known.get(data)) || {};
}
