import type { components } from '@octokit/openapi-types';
import type { Organization, Repository } from '../bank/entities.ts';
import { ownerOf } from './account.ts';

type MinimalRepository = components['schemas']['minimal-repository'];
type FullRepository = components['schemas']['full-repository'];
type InstallationRepository = components['schemas']['repository'];

export interface RepositoryContext {
  organization: Organization;
  base: string;
}

/** A repository as in a listing, including the optional fields that GitHub sends. */
export function minimalRepository(repository: Repository, context: RepositoryContext): MinimalRepository {
  return commonFields(repository, context);
}

/** A repository as in the listing of an installation. */
export function installationRepository(
  repository: Repository,
  context: RepositoryContext,
): InstallationRepository {
  return commonFields(repository, context);
}

export function fullRepository(repository: Repository, context: RepositoryContext): FullRepository {
  return {
    ...commonFields(repository, context),
    organization: ownerOf(context.organization, context.base),
    temp_clone_token: '',
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    use_squash_pr_title_as_default: false,
    squash_merge_commit_message: 'COMMIT_MESSAGES',
    squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
    merge_commit_message: 'PR_TITLE',
    merge_commit_title: 'MERGE_MESSAGE',
    network_count: 0,
    subscribers_count: 0,
  };
}

function commonFields(repository: Repository, { organization, base }: RepositoryContext) {
  const { id, nodeId, name } = repository;
  return {
    id,
    node_id: nodeId,
    name,
    full_name: `${organization.login}/${name}`,
    private: repository.private,
    owner: ownerOf(organization, base),
    description: repository.description,
    fork: false,
    ...urls(base, `${organization.login}/${name}`),
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    homepage: null,
    size: repository.size,
    language: null,
    mirror_url: null,
    archived: repository.archived,
    disabled: repository.disabled,
    license: null,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    default_branch: repository.defaultBranch,
    permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
    custom_properties: {},
    allow_forking: false,
    ...FEATURES,
    ...NOBODY_WATCHES,
  };
}

/** GitHub's defaults for a new repository. */
export const FEATURES = {
  has_issues: true,
  has_projects: true,
  has_downloads: true,
  has_wiki: true,
  has_pages: false,
  has_discussions: false,
};

const NOBODY_WATCHES = {
  forks_count: 0,
  stargazers_count: 0,
  watchers_count: 0,
  open_issues_count: 0,
  forks: 0,
  open_issues: 0,
  watchers: 0,
};

function urls(base: string, fullName: string) {
  const url = `${base}/repos/${fullName}`;
  const host = new URL(base).hostname;
  return {
    html_url: `${base}/${fullName}`,
    url,
    forks_url: `${url}/forks`,
    keys_url: `${url}/keys{/key_id}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    teams_url: `${url}/teams`,
    hooks_url: `${url}/hooks`,
    issue_events_url: `${url}/issues/events{/number}`,
    events_url: `${url}/events`,
    assignees_url: `${url}/assignees{/user}`,
    branches_url: `${url}/branches{/branch}`,
    tags_url: `${url}/tags`,
    blobs_url: `${url}/git/blobs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    statuses_url: `${url}/statuses/{sha}`,
    languages_url: `${url}/languages`,
    stargazers_url: `${url}/stargazers`,
    contributors_url: `${url}/contributors`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    commits_url: `${url}/commits{/sha}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    comments_url: `${url}/comments{/number}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    contents_url: `${url}/contents/{+path}`,
    compare_url: `${url}/compare/{base}...{head}`,
    merges_url: `${url}/merges`,
    archive_url: `${url}/{archive_format}{/ref}`,
    downloads_url: `${url}/downloads`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    labels_url: `${url}/labels{/name}`,
    releases_url: `${url}/releases{/id}`,
    deployments_url: `${url}/deployments`,
    git_url: `git://${host}/${fullName}.git`,
    ssh_url: `git@${host}:${fullName}.git`,
    clone_url: `${base}/${fullName}.git`,
    svn_url: `${base}/${fullName}`,
  };
}
