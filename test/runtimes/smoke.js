// What a runtime must be able to do with the client. Plain JavaScript and web globals alone: it runs in all of them.

/**
 * @param {typeof import('cortex-secrets')} cortexSecrets
 * @param {{ url: string, controlUrl: string, apiKey: string, apiKeyWithoutPermission: string }} server what
 *   `npx cortex-secrets mock --control` prints
 * @param {(value: unknown) => string} inspect how the runtime prints a value
 * @returns {Promise<{ name: string, note?: string, problem?: string }[]>}
 */
export async function smoke({ createSecretsClient, isCortexError }, server, inspect) {
  const { url, controlUrl, apiKey, apiKeyWithoutPermission } = server;
  const VALUE = 'canary "value" of the smoke suite';
  const patient = { apiKey, baseUrl: url, retry: { baseDelayMs: 1, maxDelayMs: 5 } };
  const secrets = createSecretsClient(patient);
  const fail = async (operation, fault) => {
    const answer = await fetch(`${controlUrl}/fail`, { method: 'POST', body: JSON.stringify({ operation, fault }) });
    if (answer.status !== 204) throw new Error(await answer.text());
  };
  const errors = [];
  const failure = async (work) => {
    try {
      await work;
    } catch (error) {
      errors.push(error);
      return error;
    }
    throw new Error('it did not fail');
  };
  const must = (holds, what) => {
    if (!holds) throw new Error(what);
  };
  const fields = (error, wanted) => {
    for (const [name, value] of Object.entries(wanted))
      must(error[name] === value, `${name} is ${String(error[name])}, not ${value} (${error.name}: ${error.message})`);
    must(isCortexError(error), 'it is no error of the client');
  };

  const cases = {
    'all operations': async () => {
      const created = await secrets.create({ tag: 'one', name: 'One', secret: VALUE });
      must(created.tag === 'one' && created.id.length === 18, 'create');
      await secrets.set('two', { name: 'Two', secret: VALUE });
      await secrets.set('two', { name: 'Two again', secret: VALUE });
      must((await secrets.get('two')).name === 'Two again', 'set, get');
      must((await secrets.update(created.id, { name: 'First' })).name === 'First', 'update');
      must((await secrets.list({ pageSize: 1 })).totalPages === 2, 'list');
      const tags = [];
      for await (const { tag } of secrets.listAll()) tags.push(tag);
      must(tags.join() === 'one,two', 'listAll');
      must((await secrets.delete('one')) === undefined, 'delete');
      await secrets.delete('two');
    },
    'a 429 is waited for': async () => {
      await fail('list', { status: 429, retryAfter: 1 });
      const begin = Date.now();
      await secrets.list();
      must(Date.now() - begin >= 990, 'it did not wait');
    },
    'a time limit in the middle of a body': async () => {
      await fail('create', { slowBodyMs: 5000 });
      const begin = Date.now();
      const error = await failure(secrets.create({ tag: 'slow', name: 'n', secret: VALUE }, { timeoutMs: 200 }));
      fields(error, { name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 1 });
      must(Date.now() - begin < 2000, 'it took too long');
    },
    'an abort': async () => {
      await fail('list', 'hang before processing');
      const controller = new AbortController();
      const reason = new Error('a reason of my own');
      setTimeout(() => controller.abort(reason), 50);
      try {
        await secrets.list({}, { signal: controller.signal });
      } catch (error) {
        return must(error === reason, `it rejects with ${String(error)}`);
      }
      throw new Error('it did not end');
    },
    'a cut answer': async () => {
      await fail('list', 'truncated body');
      must((await secrets.list()).page === 0, 'a list is not repeated');
      await fail('create', 'truncated body');
      const error = await failure(secrets.create({ tag: 'cut', name: 'n', secret: VALUE }));
      fields(error, { name: 'ConnectionError', timedOut: false, outcome: 'unknown', attempts: 1 });
    },
    'a reset': async () => {
      await fail('update', 'reset after processing');
      must((await secrets.update('cut', { name: 'twice' })).name === 'twice', 'an update is not repeated');
      await fail('create', 'reset before processing');
      // Chromium repeats a request, also a POST, when a connection that was used before breaks without an answer.
      const result = await secrets.create({ tag: 'reset', name: 'n', secret: VALUE }).catch((thrown) => thrown);
      if (result.tag === 'reset') return 'the runtime itself has repeated the create';
      errors.push(result);
      return fields(result, { name: 'ConnectionError', outcome: 'unknown', attempts: 1 });
    },
    'a redirect is not followed': async () => {
      await fail('create', { redirectTo: `${url}/elsewhere` });
      const error = await failure(secrets.create({ tag: 'away', name: 'n', secret: VALUE }));
      must(isCortexError(error) && error.name === 'ApiError', `${error.name}: ${error.message}`);
      must([307, 0].includes(error.status), `the status is ${error.status}`);
      const seen = await (await fetch(`${controlUrl}/requests`)).json();
      must(seen.at(-1).operation === 'create', 'key and value were sent elsewhere');
      return error.status === 307 ? '' : 'its status is hidden (0)';
    },
    'the shapes of errors': async () => {
      fields(await failure(secrets.get('nowhere')), {
        name: 'ApiError',
        status: 404,
        type: 'NOT_FOUND',
        outcome: 'rejected',
      });
      const wrong = createSecretsClient({ ...patient, apiKey: 'canary-key' });
      fields(await failure(wrong.list()), { name: 'ApiError', status: 401 });
      const denied = createSecretsClient({ ...patient, apiKey: apiKeyWithoutPermission });
      fields(await failure(denied.list()), { name: 'ApiError', status: 403, type: 'FORBIDDEN' });
      await fail('get', 'not JSON');
      const broken = await failure(secrets.get('cut'));
      fields(broken, { name: 'ContractError', status: 200, outcome: 'processed' });
    },
    'a connection that was never made': async () => {
      const away = createSecretsClient({ ...patient, baseUrl: 'http://127.0.0.1:2', retry: false });
      const error = await failure(away.create({ tag: 'x', name: 'n', secret: VALUE }));
      fields(error, { name: 'ConnectionError', timedOut: false });
      return error.outcome === 'not-sent' ? '' : 'is told as "unknown"';
    },
    'nothing leaks': async () => {
      await fail('create', { status: 400, message: `no: ${VALUE} ${apiKey}` });
      await failure(secrets.create({ tag: 'leak', name: 'n', secret: VALUE }));
      must(errors.length > 8, 'there were too few errors to look at');
      const told = [...errors, secrets].map((one) =>
        [inspect(one), String(one), JSON.stringify(one), one.stack].join('\n'),
      );
      for (const word of ['canary', apiKey]) must(!told.join('\n').includes(word), `${word} is shown`);
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
