/** Turns a response into a value. */
import type { Validator } from '../generated/validators.js';
import { apiError } from './api-error.js';
import { ContractError } from './errors.js';
import { errorContext } from './pipeline/call.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call } from './pipeline/types.js';

type Problem = NonNullable<Validator<unknown>['errors']>[number];

/** The value of a 2xx response, with only the fields that the contract names. */
export function toValue<T>(response: BufferedResponse, call: Call, validate: Validator<T>): T {
  if (!isOk(response.status)) throw apiError(response, call);
  const value = parseJson(response, call);
  dropNullNames(value);
  if (!validate(value)) {
    const [{ instancePath, params }] = validate.errors as [Problem];
    const { missingProperty, type } = params;
    if (missingProperty) throw brokenContract(response, call, `${instancePath}/${missingProperty}`, 'is missing');
    throw brokenContract(response, call, instancePath, `must be of type ${type}`);
  }
  return value;
}

/** The vendor doesn't promise that a secret has a name: `null` counts as missing. Not by a reviver, which is slow. */
function dropNullNames(value: unknown): void {
  const { secrets } = Object(value) as { secrets?: unknown };
  for (const secret of Array.isArray(secrets) ? secrets : [value]) {
    if (secret?.name === null) delete secret.name;
  }
}

/** The JSON of a response. A SyntaxError quotes the text, so it is not passed on, nor kept as a cause. */
export function parseJson(response: BufferedResponse, call: Call): unknown {
  const { text, truncated, request } = response;
  if (truncated) throw notJson(response, call, `is larger than ${request.maxResponseBytes / 2 ** 20} MiB`);
  try {
    return JSON.parse(text);
  } catch {
    throw notJson(response, call, text === '' ? 'has no body' : 'is not JSON', text === '' ? 'contract' : 'foreign');
  }
}

/** The error of a response that is JSON and breaks the contract. */
export const brokenContract = (response: BufferedResponse, call: Call, pointer: string, problem: string) =>
  contractError(response, call, pointer, problem, 'contract', true);

/** What is not JSON at all is a page of something before Cortex, such as a log-in page. */
const notJson = (response: BufferedResponse, call: Call, problem: string, kind: 'contract' | 'foreign' = 'contract') =>
  contractError(response, call, '', problem, kind, false);

function contractError(
  response: BufferedResponse,
  call: Call,
  pointer: string,
  problem: string,
  kind: 'contract' | 'foreign',
  isJson: boolean,
) {
  const { status, request } = response;
  const subject = pointer === '' ? 'the response' : `${pointer} of the response`;
  const what = [{ own: `${status}, but ${subject} ${problem}` }];
  return new ContractError(errorContext(request, call, what), isJson ? 'processed' : 'unknown', status, pointer, kind);
}
