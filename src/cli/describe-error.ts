/** Turns the error of a call into what the user reads, into an exit code, and into what to do next. */
import { type ApiError, type ConnectionError, type ContractError, isCortexError } from '../errors.js';
import { CliError, EXIT } from './exit.js';
import type { Failure } from './io.js';
import { adviceOnConnection } from './network/advice.js';
import type { Connection } from './network/connection.js';

/** Returns undefined for an error that nobody expected: its message may quote anything. */
export function describeError(error: unknown, connection?: Connection): Failure | undefined {
  if (error instanceof CliError) return error;
  if (!isCortexError(error)) return undefined;
  const { status, type, kind, outcome, operation, requestId } = error as Partial<ApiError> & CallError;
  return {
    message: messageOf(error),
    details: [...adviceOf(error), ...(connection ? adviceOnConnection(error, connection) : [])],
    exitCode: exitCodeOf(error),
    fields: { status, type, kind, outcome, operation, requestId },
  };
}

type CallError = ApiError | ConnectionError | ContractError;

/** As the commands call it. */
const messageOf = ({ message }: CallError) =>
  message
    .replace(/^secrets\.(listAll\b)?/, (_, all) => (all ? 'list' : ''))
    // Names the option of the library; what to check is said below.
    .replace('; check baseUrl and the network', '');

const isList = ({ operation }: CallError) => operation === 'secrets.list' || operation === 'secrets.listAll';

function exitCodeOf(error: CallError): number {
  if (error.name !== 'ApiError') return EXIT.failed;
  const { kind, status } = error;
  if (status === 401 || status === 403) return EXIT.auth;
  // A list has no tag that could be missing.
  if (kind === 'not-found') return isList(error) ? EXIT.failed : EXIT.notFound;
  if (kind === 'conflict') return EXIT.exists;
  return status === 429 ? EXIT.rateLimit : EXIT.failed;
}

/** What the state of the secret may be. */
function adviceOf(error: CallError): string[] {
  const { outcome, operation } = error;
  if (outcome !== 'unknown' || isList(error) || operation === 'secrets.get') return [];
  return operation === 'secrets.create'
    ? ['The secret may have been created: look with "get", or store the value with "set"']
    : ['The server may have processed it: run the same command again'];
}
