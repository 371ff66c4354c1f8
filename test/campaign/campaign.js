// Random calls against a server that fails at random. Afterwards the server's state must be what the calls' outcomes
// allow: confirmed means done, refused and not sent mean not done, unknown means one of the two; and nothing may leak.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { inspect, isDeepStrictEqual } from 'node:util';
import { createSecretsClient, isCortexError } from 'cortex-secrets';
import { chance, startServer } from './server.js';

const TIMEOUT_MS = 250;
const LEAK = /canary/i; // in every value and every key; and no other text holds it
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
  const operation = new AsyncLocalStorage();
  const shared = new AbortController(); // outlives every call
  const broken = [];
  /** @type {Record<string, number>} */
  const outcomes = {};
  let done = 0;
  let attempts = 0;
  let worstOverrunMs = 0;

  const secrets = createSecretsClient({
    // Now and then a key that is no longer good.
    apiKey: () => (Math.random() < 0.01 ? 'canary-key-outdated' : keys.current),
    baseUrl: server.url,
    timeoutMs: TIMEOUT_MS,
    retry: { limit: 3, baseDelayMs: 1, maxDelayMs: 4 },
    maxConcurrency: 32,
    fetch(url, init) {
      const attempt = String(++attempts);
      // A request that the client gave up may still lie in a buffer; here it counts as lost on the way.
      const asking = String(operation.getStore());
      init.signal?.addEventListener('abort', () => {
        server.abandoned.add(attempt);
        // Also where the server never reads it: who has left can't know.
        server.doubtful.add(asking);
      });
      const { authorization } = init.headers;
      if (Math.random() < 0.003) {
        server.doubtful.add(String(operation.getStore()));
        throw Object.assign(new TypeError(`failed: ${init.body} ${authorization}`), { request: init });
      }
      const headers = { ...init.headers, 'x-operation': String(operation.getStore()), 'x-attempt': attempt };
      return fetch(url, { ...init, headers });
    },
    onAttempt: (event) => mustBeSilent('an event', event),
  });

  function mustBeSilent(what, thing) {
    // What is no error is plain data, and inspecting all of a list takes long.
    const data = !(thing instanceof Error) && thing !== secrets;
    const all = data
      ? String(JSON.stringify(thing))
      : inspect(thing, { showHidden: true, depth: Number.POSITIVE_INFINITY });
    if (LEAK.test(all) || LEAKED.some((text) => all.includes(text))) broken.push(`${what} leaks: ${all}`);
  }

  /** One actor has tags of its own, and does one thing at a time: so each outcome can be judged. */
  async function actor(number) {
    /** By tag, each state that the outcomes so far allow; `null` stands for absent. */
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
    const reason = new Error('left');
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
      result = await operation.run(name, calls[kind]);
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
    mustBeSilent(`${kind} ${name}`, error ?? result);

    const acts = server.acts.get(name) ?? [];
    server.acts.delete(name);
    const fail = (why) =>
      broken.push(`${kind} ${name} on ${tag}: ${why}; outcome ${outcome}, acts ${acts}, ${inspect(error ?? result)}`);
    if (acts.filter((act) => act === 'create').length > 1) fail('created twice');
    if (kind === 'create' && acts.length > 1) fail('a create acted twice');
    if (server.repeated.includes(name)) fail('a create was sent again in doubt');

    if (kind === 'get' || kind === 'list') {
      if (acts.length > 0) fail('a reading call changed something');
      const seen = kind === 'get' ? result : result?.secrets?.find((one) => one.tag === tag);
      const absent = kind === 'get' ? error?.status === 404 : result && !seen;
      if (seen)
        settle(
          before.filter((state) => state?.name === seen.name),
          'what was read can’t be',
        );
      else if (absent)
        settle(
          before.filter((state) => state === null),
          'it can’t be missing',
        );
      if (kind === 'list' && result && new Set(result.secrets.map(({ id }) => id)).size !== result.secrets.length)
        fail('an id twice');
      return;
    }
    const after = kind === 'delete' ? null : value;
    if (outcome === 'confirmed' || outcome === 'processed') {
      if (kind === 'create' && !before.includes(null)) fail('created although it was there');
      if (kind === 'update' && before.every((state) => state === null)) fail('updated although it was missing');
      // A delete that is repeated in doubt takes 404 for done.
      const taken = kind === 'delete' && server.doubtful.has(name);
      if (acts.length === 0 && !taken) fail('confirmed, but not done');
      settle([after], '');
    } else if (outcome === 'rejected' || outcome === 'not-sent') {
      if (acts.length > 0) fail('refused or not sent, but done');
      if (error?.status === 404 && kind !== 'create')
        settle(
          before.filter((state) => state === null),
          'it can’t be missing',
        );
      // Whether it was there or not, it is as it was.
    } else {
      settle(acts.length > 0 ? [after] : before, ''); // it may have been done, and we are told by the server itself
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
  mustBeSilent('the client', secrets);
  await server.close();
  await new Promise((next) => setTimeout(next, 50));
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
