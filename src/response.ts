/** Turns a response into a value. */
import type { Validator } from '../generated/validators.js';
import { apiError } from './api-error.js';
import { ContractError } from './errors.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call } from './pipeline/types.js';

/** The value of a 2xx response, with only the fields that the contract names. */
export function toValue<T>(response: BufferedResponse, call: Call, validate: Validator<T>): T {
  if (!isOk(response.status)) throw apiError(response, call);
  const value = parseJson(response, call);
  if (!validate(value)) {
    const { instancePath = '', params = {} } = validate.errors?.[0] ?? {};
    const { missingProperty, type } = params;
    if (missingProperty) throw brokenContract(response, call, `${instancePath}/${missingProperty}`, 'is missing');
    throw brokenContract(response, call, instancePath, `must be of type ${type}`);
  }
  return value;
}

/** The vendor doesn't promise that a secret has a name: `null` counts as missing. */
const withoutNull = (_name: string, value: unknown) => (value === null ? undefined : value);

/** The JSON of a response. A SyntaxError quotes the text, so it is not passed on, nor kept as a cause. */
export function parseJson(response: BufferedResponse, call: Call): unknown {
  if (response.truncated) throw brokenContract(response, call, '', 'is larger than 16 MiB');
  try {
    // A reviver is slow; most responses hold no null.
    return JSON.parse(response.text, response.text.includes('null') ? withoutNull : undefined);
  } catch {
    throw brokenContract(response, call, '', response.text === '' ? 'has no body' : 'is not JSON');
  }
}

/** The error of a 2xx response that breaks the contract. */
export function brokenContract(
  { status }: BufferedResponse,
  call: Call,
  pointer: string,
  problem: string,
): ContractError {
  const subject = pointer === '' ? 'the response' : `${pointer} of the response`;
  return new ContractError(`${status}, but ${subject} ${problem}`, call, status, pointer);
}
