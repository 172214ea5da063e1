import type { components } from '@octokit/openapi-types';
import type { Organization, Repository } from '../bank/entities.ts';
import type { Commit, GitRepository } from '../bank/git/git-repository.ts';
import type { RefUpdate } from '../bank/git/histories.ts';
import type { Signature } from '../bank/git/objects.ts';
import { ancestors, isAncestor } from '../bank/git/revisions.ts';
import { personWithEmail, VIEWER } from '../bank/items/people.ts';
import { organizationUrls, ownerOf } from './account.ts';
import { changedFiles } from './diff.ts';
import { personAnswer } from './git.ts';
import { fullRepository } from './repository.ts';

type PushEvent = components['schemas']['webhook-push'];
type PushedCommit = PushEvent['commits'][number];

export interface EventSource {
  organization: Organization;
  repository: Repository;
  git: GitRepository;
  base: string;
}

/** Stands for a ref that does not exist. */
const NO_COMMIT = '0'.repeat(40);
/** GitHub's limit of commits in one event. */
const MAX_COMMITS = 2048;

export function pushEvent({ name, oid, before }: RefUpdate, source: EventSource): PushEvent {
  const { git, base, organization, repository } = source;
  const url = `${base}/${organization.login}/${repository.name}`;
  const commits = newCommits(git, { name, oid, before }).map((commit) => pushedCommit(commit, git, url));
  const head = git.commit(oid ?? '');
  const [from, to] = [before ?? NO_COMMIT, oid ?? NO_COMMIT];
  return {
    ref: name,
    before: from,
    after: to,
    base_ref: null,
    created: before === null,
    deleted: oid === null,
    forced: before !== null && oid !== null && !isAncestor(git, before, oid),
    compare: `${url}/compare/${from.slice(0, 12)}...${to.slice(0, 12)}`,
    commits,
    head_commit: head === undefined ? null : pushedCommit(head, git, url),
    repository: eventRepository(source),
    pusher: { name: VIEWER.login, email: VIEWER.email },
    organization: eventOrganization(organization, base),
    sender: personAnswer(VIEWER, base),
  };
}

/** New commits, oldest first. For a new branch, those that are on no other branch. */
function newCommits(git: GitRepository, { name, oid, before }: RefUpdate): Commit[] {
  if (oid === null) return [];
  const others = before === null ? otherHeads(git, name) : [before];
  const known = new Set(others.flatMap((head) => [...ancestors(git, head)]));
  return [...ancestors(git, oid)]
    .filter((ancestor) => !known.has(ancestor))
    .flatMap((ancestor) => git.commit(ancestor) ?? [])
    .slice(0, MAX_COMMITS)
    .reverse();
}

const otherHeads = (git: GitRepository, name: string): string[] =>
  [...git.refs].filter(([other]) => other !== name).map(([, head]) => head);

function pushedCommit(commit: Commit, git: GitRepository, url: string): PushedCommit {
  const files = changedFiles(commit, git);
  const pathsOf = (status: string): string[] =>
    files.filter((file) => file.status === status).map(({ filename }) => filename);
  return {
    id: commit.oid,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${url}/commit/${commit.oid}`,
    author: eventPerson(commit.author),
    committer: eventPerson(commit.committer),
    added: pathsOf('added'),
    removed: pathsOf('removed'),
    modified: pathsOf('modified'),
  };
}

function eventPerson({ name, email, date }: Signature): PushedCommit['author'] {
  const username = personWithEmail(email)?.login;
  return { name, email, date, ...(username === undefined ? {} : { username }) };
}

/** In push events, two of the dates are in seconds, unlike in the rest of the API. */
function eventRepository({ organization, repository, base }: EventSource): PushEvent['repository'] {
  const { owner, ...full } = fullRepository(repository, { organization, base });
  const seconds = (date: string): number => Date.parse(date) / 1000;
  const { login, node_id, url, html_url } = owner;
  return {
    ...full,
    owner: { login, name: login, id: organization.id, node_id, url, html_url, type: 'Organization' },
    organization: organization.login,
    master_branch: repository.defaultBranch,
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    visibility: repository.private ? 'private' : 'public',
    license: null,
    topics: [],
    has_discussions: false,
    has_downloads: true,
    disabled: repository.disabled,
    stargazers: 0,
  };
}

export function eventOrganization(
  organization: Organization,
  base: string,
): components['schemas']['organization-simple-webhooks'] {
  const { login, node_id, avatar_url } = ownerOf(organization, base);
  return {
    login,
    id: organization.id,
    node_id,
    avatar_url,
    ...organizationUrls(login, base),
    description: null,
  };
}
