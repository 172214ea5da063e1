import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** GitHub's error types, and NOT_SIMULATED for features that the simulation does not support. */
type ErrorType =
  | 'NOT_FOUND'
  | 'MISSING_PAGINATION_BOUNDARIES'
  | 'EXCESSIVE_PAGINATION'
  | 'INVALID_CURSOR_ARGUMENTS'
  | 'ARGUMENT_LIMIT'
  | 'UNPROCESSABLE'
  | 'NOT_SIMULATED';

export function typedError(type: ErrorType, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

export const unresolved = (what: string): GraphQLError =>
  typedError('NOT_FOUND', `Could not resolve to ${what}`);

export function notSimulated(what: string): GraphQLError {
  return typedError('NOT_SIMULATED', `The simulated GitHub does not support ${what}.`);
}

export interface GitHubGraphqlError extends GraphQLFormattedError {
  type?: string;
}

/** In GitHub's answers, the type of an error is next to its message, not under `extensions`. */
export function executionError(error: GraphQLError): GitHubGraphqlError {
  const { type, ...extensions } = error.extensions;
  const { message, path, locations } = error.toJSON();
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(path === undefined ? {} : { path }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}

const UNDEFINED_FIELD = /^Cannot query field "(\w+)" on type "(\w+)"/;

/** Reports an unknown field with GitHub's message and code, and other faults with the messages of graphql-js. */
export function validationError(error: GraphQLError): GitHubGraphqlError {
  const { message, locations = [] } = error.toJSON();
  const [, fieldName, typeName] = UNDEFINED_FIELD.exec(message) ?? [];
  if (fieldName === undefined || typeName === undefined) return { locations, message };
  return {
    extensions: { code: 'undefinedField', typeName, fieldName },
    locations,
    message: `Field '${fieldName}' doesn't exist on type '${typeName}'`,
  };
}
