/** The exit codes, and the errors that end a command with one of them. */

export const EXIT = {
  /** Done, or nothing to do. */
  done: 0,
  failed: 1,
  /** A mistake in the command line, a setting or a file. */
  usage: 2,
  someFailed: 3,
  /** The API key is missing, wrong, or lacks the permission. */
  auth: 4,
  notFound: 5,
  exists: 6,
  rateLimit: 7,
  /** A confirmation is needed, and there is no terminal. */
  needsTerminal: 8,
  changesPending: 10,
  interrupted: 130,
  terminated: 143,
} as const;

/** Ends the command with an exit code. Its message is printed, so it never quotes a value, a key, or what may be one. */
export class CliError extends Error {
  readonly exitCode: number;
  /** More lines, each printed below the message. */
  readonly details: readonly string[];

  constructor(message: string, exitCode: number = EXIT.failed, details: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** A mistake of the user that is found before anything is sent. */
export class UsageError extends CliError {
  constructor(message: string, details: readonly string[] = []) {
    super(message, EXIT.usage, details);
  }
}

/** Ctrl+C at a prompt. */
export class Interrupted extends CliError {
  constructor() {
    super('interrupted', EXIT.interrupted);
  }
}

/** The exit code of a command that worked on several secrets; `codes` has those of the secrets that failed. */
export function exitCodeOfMany(total: number, codes: readonly number[]): number {
  const [first] = codes;
  if (first === undefined) return EXIT.done;
  const stopping = codes.find((code) => code === EXIT.auth || code === EXIT.rateLimit);
  if (stopping !== undefined) return stopping;
  return codes.length === total && codes.every((code) => code === first) ? first : EXIT.someFailed;
}
