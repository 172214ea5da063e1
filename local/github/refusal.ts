import type { components } from '@octokit/openapi-types';

export type ValidationFault = NonNullable<components['schemas']['validation-error']['errors']>[number];

interface RefusalDetails {
  errors?: readonly ValidationFault[];
  documentation?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An error answer. The server adds the URL of the route's documentation. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly ValidationFault[] | undefined;
  readonly documentation: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.errors = details.errors;
    this.documentation = details.documentation;
    this.headers = details.headers ?? {};
  }
}

/** An exceeded limit that GraphQL reports with status 200, as the only error of the answer. */
export class QueryLimited extends Error {
  readonly error: Readonly<Record<string, string>>;

  constructor(message: string, error: Readonly<Record<string, string>>) {
    super(message);
    this.name = 'QueryLimited';
    this.error = { ...error, message };
  }
}

/** The repository has been renamed or transferred. */
export class Moved extends Error {
  readonly location: string;

  constructor(location: string) {
    super('Moved');
    this.name = 'Moved';
    this.location = location;
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

/** For a feature that GitHub has and the simulation does not. The message names it. */
export const notSimulated = (what: string): Refusal =>
  new Refusal(404, `Not Found: the simulated GitHub does not support ${what}`);

export const validationFailed = (...errors: ValidationFault[]): Refusal =>
  new Refusal(422, 'Validation Failed', { errors });

type ErrorBody = components['schemas']['basic-error'] & { errors?: readonly ValidationFault[] };

/** GitHub's error body, which repeats the status as text. */
export function errorBody(refusal: Refusal, routeDocumentation: string): ErrorBody {
  return {
    message: refusal.message,
    ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
    documentation_url: refusal.documentation ?? routeDocumentation,
    status: String(refusal.status),
  };
}
