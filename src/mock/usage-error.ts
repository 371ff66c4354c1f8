/** A mistake in the command line: printed as one line, with exit code 2. Never quotes what may be a secret. */
export class UsageError extends Error {}
