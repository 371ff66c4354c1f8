// Sends random calls to a server that fails at random. Afterwards the server's state must match the outcomes: confirmed
// means processed, rejected and not-sent mean not processed, unknown means either; and no error may leak a secret.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { inspect, isDeepStrictEqual } from 'node:util';
import { createSecretsClient, isCortexError } from 'cortex-secrets';
import { chance, startServer } from './server.js';

const TIMEOUT_MS = 1500;
const HOSTILE = [0, 101, 199, 600, 999, 1000];
const LEAK = /canary/i; // occurs in every value and every API key, and in no other text
const LEAKED = ['canary', Buffer.from('canary').toString('base64').slice(0, 8)];

/**
 * @param {{ calls: number, seed: number, actors?: number }} setup
 * @returns {Promise<{ seed: number, calls: number, requests: number, faults: number, outcomes: Record<string, number>,
 *   listeners: number, timers: number, tookMs: number, worstOverrunMs: number, broken: string[] }>}
 */
export async function runCampaign({ calls, seed, actors = 24 }) {
  const begin = performance.now();
  const timersBefore = timers();
  const keys = { current: 'canary-key-current' };
  const server = await startServer({ seed, keys });
  const currentCall = new AsyncLocalStorage();
  const shared = new AbortController(); // a signal of every call
  const broken = [];
  /** @type {Record<string, number>} */
  const outcomes = {};
  let done = 0;
  let attempts = 0;
  let worstOverrunMs = 0;

  /** The draws of each call so far: by its name and their number they are the same in each run of a seed. */
  const draws = new Map();
  const chanceOf = (what) => {
    const key = `${currentCall.getStore()} ${what}`;
    draws.set(key, (draws.get(key) ?? 0) + 1);
    return chance(seed, key, draws.get(key));
  };

  const secrets = createSecretsClient({
    // Sometimes an outdated key, and sometimes none ever.
    apiKey() {
      const dice = chanceOf('key');
      if (dice < 0.002) return new Promise(() => {});
      return dice < 0.012 ? 'canary-key-outdated' : keys.current;
    },
    baseUrl: server.url,
    timeoutMs: TIMEOUT_MS,
    // An absurd Retry-After pauses all calls for so long.
    retry: { limit: 3, baseDelayMs: 1, maxDelayMs: 4, maxRetryAfterMs: 40 },
    maxConcurrency: 32,
    async fetch(url, init) {
      const attempt = String(++attempts);
      // The server may still read an aborted request from a buffer; it must then ignore it.
      const call = String(currentCall.getStore());
      init.signal?.addEventListener('abort', () => {
        server.abandoned.add(attempt);
        // Also if the server never reads it: the client can't know that.
        server.ambiguous.add(call);
      });
      const { authorization } = init.headers;
      if (chanceOf('fetch') < 0.003) {
        server.ambiguous.add(String(currentCall.getStore()));
        throw Object.assign(new TypeError(`failed: ${init.body} ${authorization}`), { request: init });
      }
      const headers = { ...init.headers, 'x-operation': String(currentCall.getStore()), 'x-attempt': attempt };
      const response = await fetch(url, { ...init, headers });
      // A response can't have such a status; that of a custom fetch can.
      const dice = chanceOf('status');
      if (dice >= 0.006) return response;
      server.ambiguous.add(call);
      const status = /** @type {number} */ (HOSTILE[Math.floor(dice * 1000)]);
      return { status, headers: response.headers, body: response.body };
    },
    onAttempt: (event) => assertNoLeak('an event', event),
  });

  function assertNoLeak(what, value) {
    // Results and events are plain data; inspecting a long list is slow.
    const isData = !(value instanceof Error) && value !== secrets;
    const all = isData
      ? String(JSON.stringify(value))
      : inspect(value, { showHidden: true, depth: Number.POSITIVE_INFINITY });
    if (LEAK.test(all) || LEAKED.some((text) => all.includes(text))) broken.push(`${what} leaks: ${all}`);
  }

  /** An actor has its own tags and makes one call at a time, so that each outcome can be judged. */
  async function actor(number) {
    /** By tag, the states that the outcomes so far allow; `null` is a missing secret. */
    const possible = new Map();
    for (let step = 0; done < calls; step++) {
      done++;
      const dice = (what) => chance(seed, number, step, what);
      const tag = `tag-${number}-${Math.floor(dice('tag') * 3)}`;
      const kind = ['create', 'create', 'update', 'update', 'set', 'set', 'delete', 'get', 'list'][
        Math.floor(dice('kind') * 9)
      ];
      const name = `${kind}-${number}-${step}`;
      const value = { name, secret: `canary "${name}" wörth\n${'canary'.repeat(1 + Math.floor(dice('size') * 20))}` };
      await judge(possible, { kind, tag, name, value, dice });
    }
    return possible;
  }

  async function judge(possible, { kind, tag, name, value, dice }) {
    const before = possible.get(tag) ?? [null];
    const controller = new AbortController();
    const reason = new Error('aborted');
    /** @type {import('cortex-secrets').CallOptions} */
    const options = {};
    if (dice('deadline') < 0.1) options.deadlineMs = 5 + Math.floor(dice('deadlineMs') * 200);
    if (dice('once') < 0.1) options.retry = false;
    options.signal = shared.signal;
    if (dice('abort') < 0.08) {
      options.signal = controller.signal;
      setTimeout(() => controller.abort(reason), Math.floor(dice('abortMs') * 40));
    }
    const calls = {
      create: () => secrets.create({ tag, ...value }, options),
      update: () => secrets.update(tag, value, options),
      set: () => secrets.set(tag, value, options),
      delete: () => secrets.delete(tag, options),
      get: () => secrets.get(tag, options),
      list: () => (dice('all') < 0.5 ? secrets.list({ pageSize: 1000 }, options) : all(secrets.listAll(options))),
    };
    const started = performance.now();
    let result;
    /** @type {any} */
    let error;
    try {
      result = await currentCall.run(name, calls[kind]);
    } catch (thrown) {
      error = thrown;
    }
    const took = performance.now() - started;
    if (options.deadlineMs) worstOverrunMs = Math.max(worstOverrunMs, took - options.deadlineMs);

    let outcome = 'confirmed';
    if (error === reason) outcome = 'unknown';
    else if (error !== undefined && !isCortexError(error))
      return void broken.push(`${kind} ${name}: ${inspect(error)}`);
    else if (error) outcome = error.outcome;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    assertNoLeak(`${kind} ${name}`, error ?? result);

    const changes = server.changes.get(name) ?? [];
    server.changes.delete(name);
    const fail = (why) =>
      broken.push(
        `${kind} ${name} on ${tag}: ${why}; outcome ${outcome}, changes ${changes}, ${inspect(error ?? result)}`,
      );
    if (changes.filter((change) => change === 'create').length > 1) fail('created twice');
    if (kind === 'create' && changes.length > 1) fail('a create was processed twice');
    if (server.wronglyRetried.includes(name)) fail('a create was retried after an ambiguous attempt');

    // Not that of an ingress.
    const isOwn404 = error?.status === 404 && error.type === 'CAMPAIGN';
    if (kind === 'get' || kind === 'list') {
      if (changes.length > 0) fail('a safe call changed something');
      const seen = kind === 'get' ? result : result?.secrets?.find((one) => one.tag === tag);
      const absent = kind === 'get' ? isOwn404 : result && !seen;
      if (seen)
        settle(
          before.filter((state) => state?.name === seen.name),
          'it can’t have been read',
        );
      else if (absent)
        settle(
          before.filter((state) => state === null),
          'it can’t be missing',
        );
      if (kind === 'list' && result && new Set(result.secrets.map(({ id }) => id)).size !== result.secrets.length)
        fail('a duplicate id');
      return;
    }
    const after = kind === 'delete' ? null : value;
    if (outcome === 'confirmed' || outcome === 'processed') {
      if (kind === 'create' && !before.includes(null)) fail('created although it was there');
      if (kind === 'update' && before.every((state) => state === null)) fail('updated although it was missing');
      // A delete that is retried after an ambiguous attempt treats 404 as success.
      const mayBe404 = kind === 'delete' && server.ambiguous.has(name);
      if (changes.length === 0 && !mayBe404) fail('confirmed, but not processed');
      settle([after], '');
    } else if (outcome === 'rejected' || outcome === 'not-sent') {
      if (changes.length > 0) fail('rejected or not sent, but processed');
      if (isOwn404 && kind !== 'create')
        settle(
          before.filter((state) => state === null),
          'it can’t be missing',
        );
      // The state has not changed.
    } else {
      settle(changes.length > 0 ? [after] : before, ''); // the server's own record decides
    }

    function settle(states, why) {
      if (states.length === 0) fail(why);
      possible.set(tag, states);
    }
  }

  const states = await Promise.all(Array.from({ length: actors }, (_, number) => actor(number)));
  for (const possible of states) {
    for (const [tag, allowed] of possible) {
      const { name, secret } = server.secrets.get(tag) ?? {};
      const held = name === undefined ? null : { name, secret };
      if (!allowed.some((state) => isDeepStrictEqual(state, held))) {
        broken.push(
          `${tag} holds ${inspect(held?.name)}, allowed ${inspect(allowed.map((state) => state?.name ?? null))}`,
        );
      }
    }
  }
  assertNoLeak('the client', secrets);
  await server.close();
  // The connections close by themselves.
  for (let left = 500; timers() > timersBefore && left > 0; left--) await new Promise((next) => setTimeout(next, 20));
  return {
    seed,
    calls: done,
    ...server.counts,
    outcomes,
    listeners: getEventListeners(shared.signal, 'abort').length,
    timers: Math.max(0, timers() - timersBefore),
    tookMs: performance.now() - begin,
    worstOverrunMs,
    broken,
  };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function all(list) {
  const secrets = [];
  for await (const secret of list) secrets.push(secret);
  return { secrets };
}
