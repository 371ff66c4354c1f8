// The smoke suite of the client: plain JavaScript and web globals only, so that it runs in every runtime.

/**
 * @param {typeof import('cortex-secrets')} cortexSecrets
 * @param {{ baseUrl: string, controlUrl: string, apiKey: string, apiKeyWithoutPermission: string }} server the
 *   output of `npx cortex-secrets mock --control --json`
 * @param {(value: unknown) => string} inspect formats a value as the runtime prints it
 * @returns {Promise<{ name: string, note?: string, problem?: string }[]>}
 */
export async function smoke({ createSecretsClient, isCortexError }, server, inspect) {
  const { baseUrl, controlUrl, apiKey, apiKeyWithoutPermission } = server;
  const VALUE = 'canary "value" of the smoke suite';
  const clientOptions = { apiKey, baseUrl, retry: { baseDelayMs: 1, maxDelayMs: 5 } };
  const secrets = createSecretsClient(clientOptions);
  const fail = async (operation, fault) => {
    const response = await fetch(`${controlUrl}/fail`, { method: 'POST', body: JSON.stringify({ operation, fault }) });
    if (!response.ok) throw new Error(await response.text());
  };
  const received = async () => (await (await fetch(`${controlUrl}/requests`)).json()).length;
  /** Aborts when the server has one more request: before, the fault would be left for the next call. */
  const abortWhenReceived = async (controller, reason, before) => {
    while ((await received()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);
  };
  const errors = [];
  const failure = async (work) => {
    try {
      await work;
    } catch (error) {
      errors.push(error);
      return error;
    }
    throw new Error('the call succeeded');
  };
  const assert = (condition, message) => {
    if (!condition) throw new Error(message);
  };
  const assertFields = (error, expected) => {
    for (const [name, value] of Object.entries(expected))
      assert(
        error[name] === value,
        `${name} is ${String(error[name])}, not ${value} (${error.name}: ${error.message})`,
      );
    assert(isCortexError(error), 'isCortexError is false');
  };

  const cases = {
    'all operations': async () => {
      const created = await secrets.create({ tag: 'one', name: 'One', secret: VALUE });
      assert(created.tag === 'one' && created.id.length === 18, 'create');
      await secrets.set('two', { name: 'Two', secret: VALUE });
      await secrets.set('two', { name: 'Two again', secret: VALUE });
      assert((await secrets.get('two')).name === 'Two again', 'set, get');
      assert((await secrets.update(created.id, { name: 'First' })).name === 'First', 'update');
      assert((await secrets.list({ pageSize: 1 })).totalPages === 2, 'list');
      const tags = [];
      for await (const { tag } of secrets.listAll()) tags.push(tag);
      assert(tags.join() === 'one,two', 'listAll');
      assert((await secrets.delete('one')) === undefined, 'delete');
      await secrets.delete('two');
    },
    'waits after a 429': async () => {
      await fail('list', { status: 429, retryAfter: 1 });
      const begin = Date.now();
      await secrets.list();
      assert(Date.now() - begin >= 990, 'the retry came too early');
    },
    'times out while the body is read': async () => {
      await fail('create', { slowBodyMs: 50_000 });
      const begin = Date.now();
      const error = await failure(secrets.create({ tag: 'slow', name: 'n', secret: VALUE }, { timeoutMs: 200 }));
      assertFields(error, { name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 1 });
      assert(Date.now() - begin < 25_000, 'the time-out came too late');
    },
    'rejects with the abort reason': async () => {
      await fail('list', 'hang before processing');
      const controller = new AbortController();
      const reason = new Error('a custom reason');
      const before = await received();
      try {
        const call = secrets.list({}, { signal: controller.signal });
        await Promise.all([call, abortWhenReceived(controller, reason, before)]);
      } catch (error) {
        return assert(error === reason, `it rejects with ${String(error)}`);
      }
      throw new Error('the call succeeded');
    },
    'retries a list after a truncated body, but no create': async () => {
      await fail('list', 'truncated body');
      assert((await secrets.list()).page === 0, 'the list was not retried');
      await fail('create', 'truncated body');
      const error = await failure(secrets.create({ tag: 'truncated', name: 'n', secret: VALUE }));
      assertFields(error, { name: 'ConnectionError', timedOut: false, outcome: 'unknown', attempts: 1 });
    },
    'retries an update after a reset, but no create': async () => {
      await fail('update', 'reset after processing');
      assert((await secrets.update('truncated', { name: 'twice' })).name === 'twice', 'the update was not retried');
      await fail('create', 'reset before processing');
      // Chromium retries a request itself, even a POST, if a reused connection breaks before the response.
      const result = await secrets.create({ tag: 'reset', name: 'n', secret: VALUE }).catch((thrown) => thrown);
      if (result.tag === 'reset') return 'the runtime itself retries the create';
      errors.push(result);
      return assertFields(result, { name: 'ConnectionError', outcome: 'unknown', attempts: 1 });
    },
    'does not follow redirects': async () => {
      await fail('create', { redirectTo: `${baseUrl}/elsewhere` });
      const error = await failure(secrets.create({ tag: 'away', name: 'n', secret: VALUE }));
      assert(isCortexError(error) && error.name === 'ApiError', `${error.name}: ${error.message}`);
      assert([307, 0].includes(error.status), `the status is ${error.status}`);
      const requests = await (await fetch(`${controlUrl}/requests`)).json();
      assert(requests.at(-1).operation === 'create', 'the redirect was followed');
      return error.status === 307 ? '' : 'the status is hidden (0)';
    },
    'errors have their fields': async () => {
      assertFields(await failure(secrets.get('nowhere')), {
        name: 'ApiError',
        status: 404,
        type: 'NOT_FOUND',
        outcome: 'rejected',
      });
      const wrong = createSecretsClient({ ...clientOptions, apiKey: 'canary-key' });
      assertFields(await failure(wrong.list()), { name: 'ApiError', status: 401 });
      const denied = createSecretsClient({ ...clientOptions, apiKey: apiKeyWithoutPermission });
      assertFields(await failure(denied.list()), { name: 'ApiError', status: 403, type: 'FORBIDDEN' });
      await fail('get', 'not JSON');
      const broken = await failure(secrets.get('truncated'));
      assertFields(broken, { name: 'ContractError', status: 200, outcome: 'unknown' });
    },
    'a connection that was never made': async () => {
      const away = createSecretsClient({ ...clientOptions, baseUrl: 'http://127.0.0.1:2', retry: false });
      const error = await failure(away.create({ tag: 'x', name: 'n', secret: VALUE }));
      assertFields(error, { name: 'ConnectionError', timedOut: false });
      return error.outcome === 'not-sent' ? '' : 'the outcome is "unknown"';
    },
    'apiKey: null, and headers': async () => {
      const keyless = createSecretsClient({ ...clientOptions, apiKey: null });
      const error = await failure(keyless.list());
      assertFields(error, { name: 'ApiError', status: 401, attempts: 1, outcome: 'rejected' });
      assert(error.message.includes('apiKey: null'), error.message);
      // What a proxy does that adds the key.
      const sent = [];
      const adding = (url, init) => {
        sent.push(Object.keys(init.headers));
        return fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${apiKey}` } });
      };
      const behind = createSecretsClient({
        ...clientOptions,
        apiKey: null,
        fetch: adding,
        headers: async () => ({ 'Accept-Language': 'en' }),
      });
      assert((await behind.list()).page === 0, 'list');
      assert(!sent[0].includes('authorization') && sent[0].includes('accept-language'), sent[0].join());
    },
    'a fetch that takes no signal and gives no stream': async () => {
      let posted = 0;
      const withoutSignal = async (url, init) => {
        posted++;
        if (init.signal) throw new DOMException('AbortSignal object could not be cloned.', 'DataCloneError');
        const response = await fetch(url, init);
        const text = await response.text();
        return { status: response.status, headers: response.headers, body: undefined, text: async () => text };
      };
      const plugin = createSecretsClient({ ...clientOptions, baseUrl: `${baseUrl}/api/v1`, fetch: withoutSignal });
      assert((await plugin.set('plugin', { name: 'n', secret: VALUE })).tag === 'plugin', 'set');
      await plugin.delete('plugin');
      assert(posted === 4, `fetch was called ${posted} times`); // with a signal, then an update, a create, a delete
      await fail('list', 'hang before processing');
      const controller = new AbortController();
      const before = await received();
      // The request goes on; a browser would make the next one of the same address wait for it.
      const options = { signal: controller.signal };
      const call = plugin.list({ pageSize: 7 }, options).catch((thrown) => thrown);
      await abortWhenReceived(controller, new Error('left'), before);
      const error = await call;
      assert(error.message === 'left', `it ends with ${String(error)}`);
    },
    limiter: async () => {
      const asked = [];
      const paused = [];
      const events = [];
      const limiter = {
        acquire: async ({ signal }) => {
          asked.push(signal instanceof AbortSignal);
          if (asked.length > 2) throw new Error('down');
        },
        pause: async (ms) => {
          paused.push(ms);
        },
      };
      const limited = createSecretsClient({ ...clientOptions, limiter, onAttempt: (event) => events.push(event) });
      await fail('list', { status: 429, retryAfter: 1 });
      await limited.list();
      await limited.list();
      await limited.list();
      assert(asked.join() === 'true,true,true,true', `asked: ${asked.join()}`);
      assert(paused.join() === '1000', `paused: ${paused.join()}`);
      const told = events.map(({ limiterError }) => limiterError?.name ?? '');
      assert(told.join() === ',,Error,', `told: ${told.join()}`);
      const stuck = createSecretsClient({ ...clientOptions, limiter: { acquire: () => new Promise(() => {}) } });
      assert((await stuck.list({}, { timeoutMs: 1000 })).page === 0, 'a limiter that hangs loses the call');
    },
    'errors do not leak the API key or the value': async () => {
      await fail('create', { status: 400, message: `no: ${VALUE} ${apiKey}` });
      await failure(secrets.create({ tag: 'leak', name: 'n', secret: VALUE }));
      assert(errors.length > 8, 'too few errors were collected');
      const printed = [...errors, secrets].map((value) =>
        [inspect(value), String(value), JSON.stringify(value), value.stack].join('\n'),
      );
      for (const word of ['canary', apiKey]) assert(!printed.join('\n').includes(word), `${word} is printed`);
    },
  };

  const results = [];
  for (const [name, run] of Object.entries(cases)) {
    try {
      const note = await run();
      results.push({ name, ...(note && { note }) });
    } catch (error) {
      results.push({ name, problem: String(error?.message ?? error) });
    }
  }
  return results;
}
