/** Content of the secret `resourceNames(stage).githubSecret`, as JSON: either this or a GitHubAppSecret. */
export interface GitHubSecret {
  /** A token that may read the organization's repositories and read and write their webhooks. */
  githubToken: string;
  /** GitHub signs its deliveries with this secret. */
  webhookSecret: string;
  /** Set during a rotation: deliveries of webhooks that still have the previous secret are accepted too. */
  previousWebhookSecret?: string;
}

/** The secret of a stage that uses a GitHub App, which the organization has installed on all repositories. */
export interface GitHubAppSecret extends Pick<GitHubSecret, 'webhookSecret' | 'previousWebhookSecret'> {
  githubApp: {
    appId: number;
    /** If absent, GitHub is asked for it. */
    installationId?: number;
    /** PEM. */
    privateKey: string;
  };
}

/** The secret's token until an operator replaces it. */
export const TOKEN_PLACEHOLDER = 'PUT-THE-GITHUB-TOKEN-HERE';

/** Whether a text can be a token: HTTP headers allow no line break in it, and GitHub's tokens are ASCII without spaces. */
export const isGitHubToken = (text: unknown): text is string =>
  typeof text === 'string' && /^[\x21-\x7e]+$/.test(text);

export const GITHUB_TOKEN_RULE =
  'contains a character that no token has, such as a space, a line break or a typographic quotation mark';
