// Runs one program: the real client on a Cortex of its own, with a record of what is printed and sent.
import * as client from '../../../../src/index.js';
import { createFake } from '../../../../src/testing/fake-cortex.js';
import * as testing from '../../../../src/testing/index.js';
import { assert } from './assert.js';
import { inspect, inspectError } from './inspect.js';
import { toBody } from './program.js';

/** The secrets of the contract's examples: assets.js puts them here. */
const SEED = /** @type {any} */ (self).RUN_SEED.map((secret) => ({ ...secret, secret: 'the old value' }));
/** Enough for a second page of `listAll`. */
const MANY = Array.from({ length: 1100 }, (_, i) => ({
  tag: `service_${String(i).padStart(4, '0')}`,
  name: `Service ${i}`,
  secret: 'a value',
}));

/** The faults of the menu. */
const FAULTS = {
  throttled: (cortex) => cortex.fail('any', { status: 429, retryAfter: 1 }),
  unavailable: (cortex) => cortex.fail('any', { status: 503 }, { times: 2 }),
  lost: (cortex) => cortex.fail('any', 'reset after processing'),
  slow: (cortex) => cortex.fail('any', { delayMs: 1500 }),
  changing: (cortex) => cortex.fail('list', 'shifting pages', { times: Number.POSITIVE_INFINITY }),
};

/** What is listed of a program that prints or sends without end, and of a text. */
const MAX_ENTRIES = 100;
const MAX_LENGTH = 10_000;

const AsyncFunction = /** @type {any} */ ((async () => {}).constructor);

/**
 * @typedef {object} Run
 * @property {{ level: string, text: string }[]} prints
 * @property {{ method: string, path: string, status?: number, failure?: string, durationMs?: number, retryInMs?: number }[]} exchanges
 * @property {{ tag: string, name: string | undefined, length: number }[]} stored what Cortex holds afterwards; no values
 * @property {{ prints: number, exchanges: number }} more how many are not listed
 * @property {string} [error] what the program throws
 * @property {string} [stopped] why it was stopped
 * @property {boolean} isDone
 */

function list(run, kind, entry) {
  if (run[kind].length < MAX_ENTRIES) run[kind].push(entry);
  else run.more[kind] += 1;
}

/** A `fetch` that records, in front of a Cortex in memory. */
function recordingFetch(fetch, run, change) {
  return async (input, init = {}) => {
    const { pathname, search } = new URL(typeof input === 'object' && 'url' in input ? input.url : String(input));
    const method = init.method ?? input.method ?? 'GET';
    const exchange = { method, path: pathname.replace(/^.*(?=\/api\/v1\/)/, '') + search };
    list(run, 'exchanges', exchange);
    change();
    const start = performance.now();
    try {
      const response = await fetch(input, init);
      exchange.status = response.status;
      return response;
    } catch (error) {
      const { cause, name } = /** @type {any} */ (error);
      exchange.failure = cause?.code ?? name;
      throw error;
    } finally {
      exchange.durationMs = performance.now() - start;
      change();
    }
  };
}

/** Any address leads to the one Cortex; a proxy that is to add the key adds it. */
function anyAddress(cortex) {
  return (input, init = {}) => {
    const url = new URL(typeof input === 'object' && 'url' in input ? input.url : String(input));
    const path = url.pathname.replace(/^.*(?=\/api\/v1\/)/, '');
    const headers = new Headers(init.headers ?? input.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${cortex.apiKey}`);
    const request = typeof input === 'object' && 'url' in input ? { method: input.method, body: input.body } : {};
    return cortex.fetch(`${cortex.baseUrl}${path}${url.search}`, { ...request, ...init, headers });
  };
}

/**
 * @param {string} code JavaScript
 * @param {{ fault?: string, onChange?: (run: Run) => void }} options
 * @returns {Promise<Run>} never rejects
 */
export async function execute(code, { fault = '', onChange = () => {} }) {
  /** @type {Run} */
  const run = { prints: [], exchanges: [], stored: [], more: { prints: 0, exchanges: 0 }, isDone: false };
  const change = () => onChange(run);
  let { cortex, control } = createFake({ seed: fault === 'changing' ? [...SEED, ...MANY] : SEED });
  FAULTS[fault]?.(cortex);
  const fetch = recordingFetch(anyAddress(cortex), run, change);

  const onAttempt = ({ method, status, retryInMs }) => {
    if (retryInMs === undefined) return;
    const same = (one) => one.method === method && one.status === status && one.retryInMs === undefined;
    const exchange = run.exchanges.findLast((one) => one.durationMs !== undefined && same(one));
    if (exchange) exchange.retryInMs = retryInMs;
    change();
  };
  const createSecretsClient = (/** @type {any} */ options = {}) => {
    if (typeof options !== 'object' || options === null) return client.createSecretsClient(options);
    const report = options.onAttempt;
    if (report !== undefined && typeof report !== 'function') return client.createSecretsClient(options);
    const both = (event) => {
      onAttempt(event);
      return report?.(event);
    };
    return client.createSecretsClient({ fetch, ...options, onAttempt: both });
  };
  /** A Cortex of the program's own is the one whose exchanges and secrets are shown. */
  const createFakeCortex = (options) => {
    const made = createFake(options ?? {});
    control = made.control;
    const own = recordingFetch(made.cortex.fetch, run, change);
    const clientOptions = { ...made.cortex.clientOptions, fetch: own };
    return Object.assign(Object.create(made.cortex), { fetch: own, clientOptions });
  };

  const print =
    (level) =>
    (...values) => {
      const text = values.map((value) => inspect(value)).join(' ');
      list(run, 'prints', { level, text: text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} ...` : text });
      change();
    };
  const console = Object.fromEntries(['log', 'info', 'debug', 'warn', 'error'].map((level) => [level, print(level)]));
  const process = { env: { CORTEX_API_KEY: cortex.apiKey, NEW_VALUE: 'another value' }, once() {}, on() {} };
  const modules = {
    'cortex-secrets': { ...client, createSecretsClient },
    'cortex-secrets/testing': { ...testing, createFakeCortex },
    'node:assert/strict': { ...assert, default: assert },
  };
  const $import = (name) => {
    if (Object.hasOwn(modules, name)) return modules[name];
    throw new Error(`the page has no ${name}; it has ${Object.keys(modules).join(', ')}`);
  };
  // Examples of the reference are parts of programs: these names exist unless the code declares them.
  const given = { $import, console, process, fetch, createSecretsClient, createFakeCortex, newValue: 'another value' };
  try {
    const scope = { ...given, isCortexError: client.isCortexError, cortex, secrets: createSecretsClient() };
    const names = Object.keys(scope);
    const body = `return (async () => {${toBody(code)}\n})();`;
    await new AsyncFunction(...names, body)(...names.map((name) => scope[name]));
  } catch (error) {
    run.error = error instanceof Error ? inspectError(error) : inspect(error);
  }
  run.stored = control.snapshot().map(({ tag, name, secret }) => ({ tag, name, length: secret.length }));
  run.isDone = true;
  return run;
}
