import type { components } from '@octokit/openapi-types';
import type { InstalledApp } from '../app/installed-app.ts';
import type { Organization } from '../bank/entities.ts';
import { ownerOf } from './account.ts';

type Schemas = components['schemas'];

/** Sufficient for everything that the simulation supports. */
const PERMISSIONS = {
  administration: 'write',
  contents: 'write',
  metadata: 'read',
  organization_hooks: 'write',
  repository_hooks: 'write',
} as const satisfies Schemas['app-permissions'];

const SLUG = 'item-synchronization';

export interface AppContext {
  app: InstalledApp;
  organization: Organization;
  base: string;
}

export function appAnswer({ app, organization, base }: AppContext): NonNullable<Schemas['integration']> {
  return {
    id: app.appId,
    slug: SLUG,
    node_id: Buffer.from(`011:Integration${app.appId}`).toString('base64'),
    owner: ownerOf(organization, base),
    name: 'Item Synchronization',
    description: null,
    external_url: base,
    html_url: `${base}/apps/${SLUG}`,
    created_at: organization.createdAt,
    updated_at: organization.createdAt,
    permissions: PERMISSIONS,
    events: eventsOf(app),
    installations_count: 1,
  };
}

export function installationAnswer({ app, organization, base }: AppContext): Schemas['installation'] {
  const { login, id, createdAt } = organization;
  return {
    id: app.installationId,
    account: ownerOf(organization, base),
    repository_selection: selectionOf(app),
    access_tokens_url: `${base}/app/installations/${app.installationId}/access_tokens`,
    repositories_url: `${base}/installation/repositories`,
    html_url: `${base}/organizations/${login}/settings/installations/${app.installationId}`,
    app_id: app.appId,
    app_slug: SLUG,
    target_id: id,
    target_type: 'Organization',
    permissions: PERMISSIONS,
    events: eventsOf(app),
    created_at: createdAt,
    updated_at: createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

export function tokenAnswer(
  app: InstalledApp,
  { token, expiresAt }: { token: string; expiresAt: string },
): Schemas['installation-token'] {
  return {
    token,
    expires_at: expiresAt,
    permissions: PERMISSIONS,
    repository_selection: selectionOf(app),
  };
}

const eventsOf = ({ webhook }: InstalledApp): string[] => [...(webhook.read()?.events ?? [])];

export function selectionOf({ installation }: InstalledApp): 'all' | 'selected' {
  return installation.selection === undefined ? 'all' : 'selected';
}
