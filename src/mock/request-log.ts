/** `--log`: one line for each request. It has nothing that a client chooses freely: no tag, key, value or header. */
import { parseTarget } from '../testing/parse-request.js';
import { RequestProblem } from '../testing/request-problem.js';

export interface LoggedRequest {
  readonly method: string;
  /** Undefined if the request is not HTTP/1.1. */
  readonly target: string | undefined;
  /** The status of the response, or what happened instead. */
  readonly status: string;
  readonly durationMs: number;
}

export type LogRequest = (request: LoggedRequest) => void;

/** Writes lines such as `2026-01-31T12:00:00.000Z api GET /api/v1/secrets/{tagOrId} 200 3 ms`. */
export const requestLog =
  (server: string, template: (target: string) => string, write: (line: string) => void): LogRequest =>
  ({ method, target, status, durationMs }) => {
    const time = new Date().toISOString();
    const path = target === undefined ? '(not HTTP/1.1)' : template(target);
    write(`${time} ${server} ${method} ${path} ${status} ${Math.round(durationMs)} ms`);
  };

/** The path of the contract that a target has. */
export function apiTemplate(target: string): string {
  const parsed = parseTarget(target);
  if (parsed instanceof RequestProblem) return '(unknown path)';
  return parsed.tagOrId === undefined ? '/api/v1/secrets' : '/api/v1/secrets/{tagOrId}';
}
