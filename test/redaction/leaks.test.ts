/** No key and no value in anything that the package hands out: canaries through every failure and every echo. */
import { inspect } from 'node:util';
import { type AttemptEvent, type ClientOptions, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { describe, expect, test } from 'vitest';
import { json, networkError, neverResponds, rejectionOf } from '../support/helpers.js';

const KEY = 'canary-key-0a1b2c3d';
// Quotes, a space, letters outside ASCII, a percent sign, and lines.
const VALUE = 'canary "value" with %41\nsecond-line öü\nthird line, a tail';

/** Whatever must not be seen, in every form that a server might give it. */
const forms: Record<string, (text: string) => string> = {
  raw: (t) => t,
  json: (t) => JSON.stringify(t).slice(1, -1),
  unicode: (t) => t.replace(/[\s\S]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  percent: encodeURIComponent,
  'percent, small': (t) => encodeURIComponent(t).replace(/%../g, (c) => c.toLowerCase()),
  form: (t) => new URLSearchParams({ t }).toString().slice(2),
  html: (t) => t.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  base64: (t) => Buffer.from(t).toString('base64'),
  base64url: (t) => Buffer.from(t).toString('base64url'),
  hex: (t) => Buffer.from(t).toString('hex'),
  beginning: (t) => t.slice(0, 12),
  'a line': (t) => t.split('\n').at(-1) as string,
};
const formsOf = (...texts: string[]) => texts.flatMap((text) => Object.values(forms).map((form) => form(text)));
const canaries = formsOf(KEY, VALUE);

/** All that can be got out of `thing`: inspected, as JSON, its stack, its causes, each property. */
function everythingOf(thing: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  (function walk(at: unknown) {
    if (typeof at !== 'object' && typeof at !== 'function') return void parts.push(String(at));
    if (at === null || seen.has(at)) return;
    seen.add(at);
    parts.push(
      inspect(at, { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true }),
      JSON.stringify(at) ?? '',
      String(at),
    );
    for (const name of Reflect.ownKeys(at)) {
      parts.push(String(name));
      walk((at as Record<PropertyKey, unknown>)[name]);
    }
  })(thing);
  return parts.join('\n');
}

function expectSilence(what: string, thing: unknown, silent = canaries): void {
  const all = everythingOf(thing);
  for (const canary of silent) {
    if (all.includes(canary)) throw new Error(`${what} gives away ${JSON.stringify(canary)}: ${all.slice(0, 3000)}`);
  }
}

type Reply = () => Response | Promise<Response>;
const calls: Record<string, (secrets: SecretsClient) => Promise<unknown>> = {
  create: (s) => s.create({ tag: 't', name: 'n', secret: VALUE }),
  update: (s) => s.update('t', { secret: VALUE }),
  set: (s) => s.set('t', { name: 'n', secret: VALUE }),
  get: (s) => s.get('t'),
  list: (s) => s.list(),
  listAll: (s) => s.listAll().next(),
  delete: (s) => s.delete('t'),
  'api.POST': (s) => s.api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n', secret: VALUE } }),
  'api.PUT': (s) =>
    s.api.PUT('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: 't' } }, body: { secret: VALUE } }),
};

/** Plays a reply to every method, and looks at the error, the client and the events. */
async function play(what: string, reply: Reply, options: ClientOptions = {}): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    const events: AttemptEvent[] = [];
    const secrets = createSecretsClient({
      apiKey: KEY,
      fetch: async () => reply(),
      timeoutMs: 30,
      retry: { limit: 1, baseDelayMs: 0 },
      onAttempt: (event) => events.push(event),
      ...options,
    });
    const result = await call(secrets).catch((error: unknown) => error);
    // What api gives is the raw answer, and is said to be. What it throws is ours.
    const silent = keyOnly.has(name) ? formsOf(KEY) : canaries;
    if (!name.startsWith('api') || result instanceof Error) expectSilence(`${name}, ${what}`, result, silent);
    expectSilence(`the client after ${name}, ${what}`, secrets);
    expectSilence(`the events of ${name}, ${what}`, events);
    // A get holds no value that could be looked for; the key it does.
    expect(events.length, `${name}, ${what}`).toBeGreaterThan(0);
  }
}

/** A method that has no value to hide can't know what it looks like: the server would have to have stored it. */
const keyOnly = new Set(['get', 'list', 'listAll', 'delete']);

describe('a server that echoes what it was sent', () => {
  const statuses = [400, 401, 403, 404, 429, 500, 503, 200];
  // A write, a call of two requests, a read, a list and a raw call; the others share their ways, and are in `play`.
  const { create, set, get, listAll, 'api.POST': post } = calls;
  const each = { create, set, get, listAll, 'api.POST': post } as typeof calls;
  for (const [f, [form, encode]] of Object.entries(forms).entries()) {
    test(`${form}, in every field, in headers, and as a body that is no JSON`, async () => {
      for (const [name, call] of Object.entries(each)) {
        const echo = encode(keyOnly.has(name) ? KEY : `${VALUE}`);
        const withKey = `${echo} ${encode(KEY)}`;
        const fields = ['message', 'type', 'details', 'requestId'].map((field) => [field, `x ${withKey} y`]);
        const violations = [{ title: withKey, description: withKey, violationType: withKey, pointer: withKey }];
        const bodies = [
          JSON.stringify(Object.fromEntries(fields)),
          JSON.stringify({ ...Object.fromEntries(fields), violations }),
          JSON.stringify({ error: { inner: withKey } }),
          `<html><title>${withKey}</title><body>${withKey}</body></html>`,
          JSON.stringify({ type: withKey, title: withKey, detail: withKey, status: 400 }),
          withKey,
          `{"message":"${withKey}`,
        ];
        const header = encodeURIComponent(withKey).includes('%0A') ? encodeURIComponent(echo) : withKey;
        const id = /^[ -~]*$/.test(header) ? header : 'x';
        const headers = { 'x-request-id': id, 'content-type': `text/${id}`, 'retry-after': '0' };
        for (const [b, body] of bodies.entries()) {
          // What a text is redacted of doesn't depend on the status, so a third of the triples has every pair of form
          // and status, of body and status, and of form and body, for each call.
          for (const status of statuses.filter((_, s) => (f + b + s) % 3 === 0)) {
            const events: AttemptEvent[] = [];
            const secrets = createSecretsClient({
              apiKey: KEY,
              fetch: async () => new Response(body, { status, headers }),
              retry: { limit: 1, baseDelayMs: 0 },
              onAttempt: (event) => events.push(event),
            });
            const result = await call(secrets).catch((error: unknown) => error);
            if (!name.startsWith('api') || result instanceof Error) expectSilence(`${name} ${status}`, result);
            expectSilence(`events of ${name} ${status}`, events);
          }
        }
      }
    });
  }

  test('in the address that a redirect names', async () => {
    for (const location of [
      `https://${KEY}.test/`,
      `https://evil.test/?v=${encodeURIComponent(VALUE)}&k=${KEY}`,
      `https://evil.test/#${encodeURIComponent(VALUE)}`,
      `https://user:${KEY}@evil.test/`,
      `//${KEY}/x`,
      `${KEY}://x`,
    ]) {
      await play(location, () => new Response(null, { status: 307, headers: { location } }));
    }
  });
});

describe('failures', () => {
  const loud = (error: Error) =>
    Object.assign(error, { request: { headers: { authorization: `Bearer ${KEY}` }, body: VALUE } });
  const failures: [string, Reply][] = [
    ['refused', () => Promise.reject(networkError('ECONNREFUSED', 'connect'))],
    ['reset', () => Promise.reject(networkError())],
    ['a time-out', () => neverResponds({ url: '', method: '', headers: {}, redirect: 'manual' })],
    ['an error that quotes the request', () => Promise.reject(loud(new TypeError(`failed: ${VALUE} with ${KEY}`)))],
    ['an error that is a text', () => Promise.reject(`failed: ${VALUE} with ${KEY}`)],
    ['an error that is nothing', () => Promise.reject(undefined)],
    ['a code that is the key', () => Promise.reject(Object.assign(new Error('x'), { code: KEY }))],
    [
      'a cause that holds it all',
      () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: loud(Object.assign(new Error(`${VALUE} ${KEY}`), { code: 'E' })) }),
        ),
    ],
    [
      'a circle of causes',
      () => {
        const error = new Error(KEY);
        error.cause = error;
        return Promise.reject(error);
      },
    ],
    ['no Response', () => Promise.resolve({ body: VALUE, key: KEY } as never)],
    [
      'a body that fails',
      () =>
        Promise.resolve(
          new Response(new ReadableStream({ pull: () => Promise.reject(loud(new Error(`${VALUE} ${KEY}`))) })),
        ),
    ],
    ['JSON that ends too soon', async () => new Response(`{"id":"${KEY} ${VALUE}`)],
    ['a wrong shape', async () => json(200, { [KEY]: VALUE, id: { [VALUE]: KEY } })],
    [
      'a wrong shape, deeper',
      async () => json(200, { page: 0, total: 1, totalPages: 1, secrets: [{ id: 1, tag: VALUE, [KEY]: 1 }] }),
    ],
    ['a value that came back', async () => json(200, { id: 'i', tag: 't', secret: VALUE, key: KEY })],
  ];
  test.each(failures)('%s', async (what, reply) => {
    await play(what, reply);
  });
});

describe('keys from a function', () => {
  test('each of them is kept silent, the old one too', async () => {
    const keys = [KEY, 'canary-key-number-2'];
    const secrets = createSecretsClient({
      apiKey: () => keys.shift() ?? 'canary-key-number-3',
      fetch: async () => json(401, { message: `not ${KEY} and not canary-key-number-2`, type: 'UNCATEGORIZED' }),
    });
    const error = await rejectionOf(secrets.get('a'));
    expectSilence('the error', error);
    expect(everythingOf(error)).not.toContain('canary-key');
    expect(error.message).toContain('not [redacted] and not [redacted]');
  });

  test('a key that a header can’t carry is quoted nowhere', async () => {
    const secrets = createSecretsClient({ apiKey: () => `${KEY}\r\nx: y`, fetch: async () => json(200, {}) });
    expectSilence('the error', await rejectionOf(secrets.get('a')));
    for (const apiKey of [`${KEY}\n`, `${KEY} `, `${KEY}é`]) {
      expectSilence('the error', await rejectionOf((async () => createSecretsClient({ apiKey }))()));
    }
  });
});

test('the client, its methods and its generator show functions and no key', async () => {
  const secrets = createSecretsClient({ apiKey: KEY, fetch: async () => json(200, {}) });
  const list = secrets.listAll();
  expectSilence('the client', secrets);
  expectSilence('the generator', list);
  expectSilence(
    'a promise',
    secrets.get('a').catch(() => {}),
  );
  expect(JSON.stringify(secrets)).toBe('{"api":{}}');
});

test('the tests would notice', () => {
  for (const canary of canaries) {
    expect(() => expectSilence('x', new Error(canary))).toThrow('gives away');
    expect(() => expectSilence('x', { deep: { [Symbol('s')]: [canary] } })).toThrow('gives away');
  }
  expect(() => expectSilence('x', new Error('x', { cause: { request: { key: KEY } } }))).toThrow('gives away');
});

// Other spellings: see redact.test.ts.
describe('the key in another case', () => {
  test('in x-request-id', async () => {
    const events: AttemptEvent[] = [];
    const headers = { 'x-request-id': `id-${KEY.toUpperCase()}` };
    const secrets = createSecretsClient({
      apiKey: KEY,
      fetch: async () => new Response('{}', { status: 400, headers }),
      onAttempt: (event) => events.push(event),
    });
    const error = await rejectionOf(secrets.get('t'));
    expect(everythingOf([error, events])).not.toMatch(/canary-k/i);
    expect([error.requestId, events[0]?.requestId]).toEqual(Array(2).fill('id-[redacted]'));
  });

  test('in the host of a Location, which URL writes in small letters', async () => {
    const apiKey = 'Canary-KEY-0A1B2C3D';
    const secrets = createSecretsClient({
      apiKey,
      fetch: async () => new Response(null, { status: 307, headers: { location: `https://${apiKey}.test/` } }),
    });
    expect(everythingOf(await rejectionOf(secrets.get('a')))).not.toMatch(/canary-k/i);
  });
});

describe('a value of one to three characters, or one that is a common word', () => {
  const notFound = { message: 'Secret not found', type: 'NOT_FOUND', requestId: 'r-1' };
  const errorOf = (secret: string, apiKey: string, reply: () => Response | Promise<Response>) =>
    rejectionOf(createSecretsClient({ apiKey, fetch: async () => reply(), retry: false }).update('my-tag', { secret }));

  test.each([
    'e',
    's',
    'a',
    '"',
    ':',
    '4',
    'not',
    'my',
    'tag',
    '404',
    'found',
    'secret',
    'update',
    'NOT_FOUND',
    'secrets.update',
  ])('%s: call, status and type stay', async (word) => {
    for (const [secret, key] of [
      [word, KEY],
      [VALUE, word],
    ] as const) {
      const error = await errorOf(secret, key, () => json(404, notFound));
      expect(error.message.startsWith('secrets.update("my-tag"): 404 NOT_FOUND ')).toBe(true);
      expect(error).toMatchObject({ operation: 'secrets.update', tagOrId: 'my-tag', status: 404, type: 'NOT_FOUND' });
      const others = error.message.slice('secrets.update("my-tag"): 404 NOT_FOUND '.length) + error.requestId;
      expect(others.replaceAll('[redacted]', '').toLowerCase()).not.toContain(word.toLowerCase());
    }
  });

  test('advice stays, and so does what the client says itself', async () => {
    const replies: [() => Response | Promise<Response>, string][] = [
      [() => new Response('', { status: 401 }), '401. Check the API key: it may be wrong or expired'],
      [
        () => json(429, { message: 'See you.', type: 'SEE_YOU' }, { 'retry-after': '7' }),
        '429 [redacted] [redacted]. Try again in 7 s',
      ],
      [
        () => new Response(null, { status: 307, headers: { location: 'https://evil.test/' } }),
        "307 redirect to [redacted] was not followed. Set baseUrl to the API's own address",
      ],
      [() => Promise.reject(networkError('ECONNREFUSED', 'connect')), 'no connection: [redacted]'],
      [() => json(200, {}), '200, but /id of the response is missing'],
    ];
    for (const [reply, message] of replies)
      expect((await errorOf('e', KEY, reply)).message).toBe(`secrets.update("my-tag"): ${message}`);
  });

  test('a type that the contract does not list is a text of others', async () => {
    const error = await errorOf('hunter', 'ABCDEFGHIJ', () => json(404, { ...notFound, type: 'ABCDEFGHIJ' }));
    expect(error.type).toBe('[redacted]');
    expectSilence('the error', error, ['ABCDEFGH']);
  });
});

describe('a tag is no secret, unless it is the value', () => {
  const tagOf = async (tag: string, secret: string) => {
    const secrets = createSecretsClient({ apiKey: KEY, fetch: async () => json(404, {}) });
    const error = await rejectionOf(secrets.update(tag, { secret }));
    expect(error.message).toContain(`secrets.update(${JSON.stringify(error.tagOrId)}): 404`);
    return error.tagOrId;
  };

  test.each([
    ['database-password', 'e'],
    ['database-password', 'password-of-db'],
    ['database-password-1', 'database-password-12'],
    ['prod', 'production'],
    ['prod-db', 'prod'],
    ['a', 'b'],
  ])('%s is shown with the value %s', async (tag, value) => {
    expect(await tagOf(tag, value)).toBe(tag);
  });

  test.each([
    ['hunter2-hunter2', 'hunter2-hunter2', '[redacted]'],
    ['HUNTER2-hunter2', 'hunter2-hunter2\n', '[redacted]'],
    ['x-hunter2-battery', 'hunter2-battery', 'x-[redacted]'],
    [`x-${KEY}`, 'value', 'x-[redacted]'],
    ['prod', 'prod', '[redacted]'],
    ['Prod', '"prod"', '[redacted]'],
    ['e', 'e', '[redacted]'],
  ])('%s is hidden with the value %j', async (tag, value, shown) => {
    expect(await tagOf(tag, value)).toBe(shown);
  });

  test('20 long violations leave room for the tag, the type and the request id', async () => {
    const long = 'x'.repeat(600);
    const violations = Array.from({ length: 20 }, () => ({
      title: long,
      description: long,
      violationType: long,
      pointer: long,
    }));
    const body = { violations, details: long, message: long, type: 'BAD_REQUEST', requestId: 'request-1' };
    const secrets = createSecretsClient({ apiKey: KEY, fetch: async () => json(400, body) });
    for (const secret of [VALUE, 'e', 'x'])
      expect(await rejectionOf(secrets.update('my-tag', { secret }))).toMatchObject({
        tagOrId: 'my-tag',
        type: 'BAD_REQUEST',
        requestId: secret === 'e' ? '[redacted]' : 'request-1',
      });
  });
});

test('a value that is spread over the fields of an error is not put together in it', async () => {
  const value = 'hunter2 and; more; of it, and a tail';
  for (const size of [4, 6, 7]) {
    const parts = value.match(RegExp(`.{1,${size}}`, 'g')) as string[];
    for (const body of [
      { message: parts[0], type: parts[1], details: parts[2], requestId: parts[3] },
      { violations: value.split('; ').map((description) => ({ description })) },
      { violations: parts.map((title) => ({ title, description: title })) },
      { message: parts[1], details: parts[0], violations: [{ title: parts[2], description: parts[3] }] },
    ]) {
      const secrets = createSecretsClient({ apiKey: KEY, fetch: async () => json(400, body) });
      const error = await rejectionOf(secrets.update('a', { secret: value }));
      const windows = Array.from({ length: value.length - 7 }, (_, i) => value.slice(i, i + 8));
      expectSilence('the error', error, windows);
    }
  }
});
