declare module 'asl-validator' {
  /** The package has no types of its own. */
  export default function validate(
    definition: object,
    options?: { checkPaths?: boolean; checkArn?: boolean },
  ): { isValid: boolean; errors: { 'Error code': string; Message: string }[] };
}
