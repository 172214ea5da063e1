import type { components } from '@octokit/openapi-types';

export type ValidationFault = NonNullable<components['schemas']['validation-error']['errors']>[number];

interface RefusalDetails {
  errors?: readonly ValidationFault[];
  documentation?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An answer that is not the one asked for. The server adds the route's documentation to it. */
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

/** The repository has another place now; nothing else is known of it here. */
export class Moved extends Error {
  readonly location: string;

  constructor(location: string) {
    super('Moved');
    this.name = 'Moved';
    this.location = location;
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

/** For what GitHub has and the simulation has not: the client learns which it is. */
export const notSimulated = (what: string): Refusal =>
  new Refusal(404, `Not Found: the simulated GitHub does not have ${what}`);

export const validationFailed = (...errors: ValidationFault[]): Refusal =>
  new Refusal(422, 'Validation Failed', { errors });

type ErrorBody = components['schemas']['basic-error'] & { errors?: readonly ValidationFault[] };

/** GitHub's error body; the status is repeated in it, as text. */
export function errorBody(refusal: Refusal, routeDocumentation: string): ErrorBody {
  return {
    message: refusal.message,
    ...(refusal.errors === undefined ? {} : { errors: [...refusal.errors] }),
    documentation_url: refusal.documentation ?? routeDocumentation,
    status: String(refusal.status),
  };
}
