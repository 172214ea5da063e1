import type { components } from '@octokit/openapi-types';

export type ValidationFault = NonNullable<components['schemas']['validation-error']['errors']>[number];

/** An answer that is not the one asked for. The server adds the route's documentation to it. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly ValidationFault[] | undefined;
  readonly documentation: string | undefined;

  constructor(
    status: number,
    message: string,
    details: { errors?: readonly ValidationFault[]; documentation?: string } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.errors = details.errors;
    this.documentation = details.documentation;
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
