/** Turns the error of a call into what the user reads, and into an exit code. */
import { type ApiError, type ConnectionError, type ContractError, isCortexError } from '../errors.js';
import { CliError, EXIT } from './exit.js';

export interface DescribedError {
  readonly message: string;
  readonly details: readonly string[];
  readonly exitCode: number;
}

/** Returns undefined for an error that nobody expected: its message may quote anything. */
export function describeError(error: unknown): DescribedError | undefined {
  if (error instanceof CliError) return error;
  if (!isCortexError(error)) return undefined;
  const message = error.message.replace(/^secrets\./, '');
  return { message, details: adviceOf(error), exitCode: exitCodeOf(error) };
}

type CallError = ApiError | ConnectionError | ContractError;

function exitCodeOf(error: CallError): number {
  if (error.name !== 'ApiError') return EXIT.failed;
  const { status, type } = error;
  if (status === 401 || status === 403) return EXIT.key;
  // A proxy or an ingress responds with 404 too, but not in Cortex's error shape.
  if (status === 404 && type !== undefined) return EXIT.notFound;
  if (status === 409) return EXIT.exists;
  return status === 429 ? EXIT.rateLimit : EXIT.failed;
}

function adviceOf(error: CallError): string[] {
  const { outcome, operation } = error;
  if (error.name === 'ApiError' && error.status === 404 && error.type === undefined)
    return ['The response does not come from Cortex: check CORTEX_BASE_URL, or --base-url'];
  if (outcome !== 'unknown') return [];
  if (operation === 'secrets.list' || operation === 'secrets.listAll' || operation === 'secrets.get') return [];
  return operation === 'secrets.create'
    ? ['The secret may have been created: look with "get", or store the value with "set"']
    : ['The server may have processed it: run the same command again'];
}
