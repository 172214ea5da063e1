import type { Secret } from './secret.ts';

/** How a command gets the token that it sends to the API. */
export type Credentials =
  | { kind: 'token'; token: Secret }
  | { kind: 'client'; tokenUrl: string; clientId: string; clientSecret: Secret; scope?: string }
  | {
      kind: 'password';
      tokenUrl: string;
      clientId?: string;
      clientSecret?: Secret;
      username: string;
      password: Secret;
      scope?: string;
    };

/** The API that a command talks to. */
export interface Connection {
  /** Without a slash at its end. */
  apiUrl: string;
  /** Where these settings come from, for people. */
  source: string;
  /** Absent if the command has an address but no credentials. */
  credentials?: Credentials;
  /** Part of the names of the stack's AWS resources. */
  stage?: string;
  region?: string;
  /** Only for the stack on this machine. */
  local?: LocalStack;
}

/** The stack that `npm start` runs on this machine. */
export interface LocalStack {
  apiUrl: string;
  stage: string;
  /** Serves all AWS services, and accepts any credentials. */
  awsEndpoint: string;
  tokenUrl: string;
  jwksUri: string;
  client: { id: string; secret: string };
  github: GitHubAccess;
}

/** The organization of the item bank, and a credential that sees it. */
export interface GitHubAccess {
  apiUrl: string;
  organization: string;
  token?: Secret;
}

/** @returns undefined if no stack is running. */
export type FindLocalStack = () => Promise<LocalStack | undefined>;
