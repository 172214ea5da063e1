export interface Organization {
  readonly id: number;
  readonly nodeId: string;
  readonly login: string;
  readonly createdAt: string;
}

export interface Repository {
  readonly id: number;
  readonly nodeId: string;
  readonly name: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly archived: boolean;
  readonly disabled: boolean;
  readonly defaultBranch: string;
  /** In kilobytes, like on GitHub; 0 means an empty repository. */
  readonly size: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly pushedAt: string;
}

/** A repository that has been transferred to another owner. */
export interface TransferredRepository extends Repository {
  readonly owner: string;
}

export interface HookConfig {
  readonly url: string;
  readonly content_type: 'json' | 'form';
  readonly insecure_ssl: '0' | '1';
  readonly secret?: string;
}

export interface Hook {
  readonly id: number;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly config: HookConfig;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Status code of the last delivery; null before the first. */
  readonly lastResponseCode: number | null;
}

/** The owner of a hook: the id of a repository, or the organization. */
export type HookOwner = number | 'organization';

export type HookScope = 'repository' | 'organization' | 'app';

/** GitHub's timestamps have no fractions of a second. */
export function timestamp(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
