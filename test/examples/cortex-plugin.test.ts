/**
 * What the example plugin does, on a stand-in for plugin-core's fetch and on a fake clock. `node scripts/package/plugin.js` has the same
 * cases with the real plugin-core, in a browser.
 */
import { type ClientOptions, createSecretsClient, type Secret, type SecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createSecret,
  deleteSecret,
  InputProblem,
  LIMITS,
  loadSecrets,
  matching,
  rotateSecret,
} from '../../examples/cortex-plugin/src/actions.js';
import { type Action, describeError } from '../../examples/cortex-plugin/src/describe-error.js';
import { rejectionOf } from '../support/helpers.js';
import { type Host, pluginFetch, replacedFetch } from '../support/plugin-fetch.js';

const VALUE = 'canary-7261-of-a-new-value';
const COUNT = 1203;
const seed = Array.from({ length: COUNT }, (_, index) => {
  const tag = `app-${String(index).padStart(4, '0')}`;
  return { id: `id-of-${tag}`, tag, name: `Key of service ${index}`, secret: `seed value ${index}` };
});

const cortex = createFakeCortex({ seed });
/** The key that the host adds, or what it does instead. */
let mode: { key: string | null } | { reject: unknown } | 'hang';
const messages: Parameters<Host>[0][] = [];

const host: Host = async (message) => {
  messages.push(message);
  if (mode === 'hang') return new Promise<never>(() => {});
  if ('reject' in mode) throw mode.reject;
  const { input, init } = message;
  const headers = { ...init.headers, ...(mode.key !== null && { authorization: `Bearer ${mode.key}` }) };
  try {
    const response = await cortex.fetch(input, { ...init, headers });
    const { ok, status, statusText } = response;
    return { body: await response.text(), headers: Object.fromEntries(response.headers), ok, status, statusText };
  } catch {
    throw 'Failed to fetch';
  }
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
  mode = { key: cortex.apiKey };
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  expect(JSON.stringify(messages).toLowerCase()).not.toContain('authorization');
  messages.length = 0;
  cortex.reset();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const ways: [string, () => ClientOptions][] = [
  ['fetch: CortexApi.proxyFetch', () => ({ fetch: pluginFetch(host).fetch })],
  [
    "PluginProvider's window.fetch",
    () => {
      vi.stubGlobal('fetch', replacedFetch(pluginFetch(host).fetch));
      return {};
    },
  ],
];

describe.each(ways)('%s', (_, fetchOption) => {
  const newClient = () =>
    createSecretsClient({ apiKey: null, baseUrl: `${cortex.baseUrl}/api/v1`, ...fetchOption(), ...LIMITS });

  test('lists more than one page, in the order of the tags', async () => {
    const all = await loadSecrets(newClient());
    expect(all.map(({ tag }) => tag)).toEqual(seed.map(({ tag }) => tag));
    expect(messages.map(({ input }) => new URL(input).searchParams.get('page'))).toEqual(['0', '1', '0', '1']);
    expect(matching(all, ' SERVICE 1202').map(({ tag }) => tag)).toEqual(['app-1202']);
    expect(matching(all, (all[7] as Secret).id.toUpperCase())).toEqual([all[7]]);
  });

  test('rotates a secret; the field is empty before the call ends', async () => {
    const field = { value: VALUE };
    const call = rotateSecret(newClient(), 'app-0001', field);
    expect(field.value).toBe('');
    await call;
    expect(cortex.storedValue('app-0001')).toBe(VALUE);
    expect(messages.map(({ init }) => init.body)).toEqual([JSON.stringify({ secret: VALUE })]);
  });

  test('creates and deletes a secret', async () => {
    const client = newClient();
    const field = { value: VALUE };
    expect(await createSecret(client, { tag: 'aaa', name: 'A name' }, field)).toMatchObject({ tag: 'aaa' });
    expect(field.value).toBe('');
    expect(cortex.storedValue('aaa')).toBe(VALUE);
    await deleteSecret(client, 'aaa');
    expect(cortex.storedValue('aaa')).toBeUndefined();
  });

  test.each<[string, () => typeof mode, string[]]>([
    ['401 without a key', () => ({ key: null }), ['The value was not changed.', 'your rights', 'apiKey: null']],
    [
      '403 without the permission',
      () => ({ key: cortex.apiKeyWithoutPermission }),
      ['The value was not changed.', '"Create secrets"', '403'],
    ],
    [
      'a host that rejects with a string',
      () => ({ reject: `policy forbids ${VALUE}` }),
      ['The connection failed. The value may have been changed.', 'Check before you try again', 'policy forbids'],
    ],
    [
      'a host that rejects with an object',
      () => ({ reject: { message: 'blocked' } }),
      ['The connection failed. The value may have been changed.', 'Check before you try again', 'blocked'],
    ],
  ])('an error in words, and an empty field: %s', async (_case, modeOf, [title, advice, detail]) => {
    mode = modeOf();
    const field = { value: VALUE };
    const failed = rejectionOf(rotateSecret(newClient(), 'app-0001', field));
    await vi.advanceTimersByTimeAsync(1);
    const words = describeError(await failed, 'rotate');
    expect(words.title).toBe(title);
    expect(words.advice).toContain(advice);
    expect(words.detail).toContain(detail);
    expect(JSON.stringify(words)).not.toContain(VALUE);
    expect(field.value).toBe('');
  });

  test('retries a 503, and a connection that breaks; a create is not sent again', async () => {
    const client = newClient();
    cortex.fail('update', { status: 503 });
    cortex.fail('update', 'reset after processing');
    const call = rotateSecret(client, 'app-0001', { value: VALUE });
    await vi.advanceTimersByTimeAsync(1);
    await call;
    expect(messages).toHaveLength(3);
    cortex.fail('create', 'reset after processing');
    const error = await rejectionOf(createSecret(client, { tag: 'aaa', name: 'A' }, { value: VALUE }));
    expect(messages).toHaveLength(4);
    expect(describeError(error, 'create')).toMatchObject({
      title: 'The connection failed. The secret may have been created.',
      advice: expect.stringContaining('Check before you try again'),
    });
  });

  test('an abort ends a call to a host that hangs in that moment', async () => {
    mode = 'hang';
    const controller = new AbortController();
    const failed = rejectionOf(rotateSecret(newClient(), 'app-0001', { value: VALUE }, controller));
    await vi.advanceTimersByTimeAsync(5);
    controller.abort();
    expect(describeError(await failed, 'rotate')).toMatchObject({
      title: 'You stopped waiting. The value may have been changed.',
      advice: expect.stringContaining('Check before you try again'),
    });
  });

  test('gives up on a host that hangs after the deadline', async () => {
    mode = 'hang';
    const failed = rejectionOf(rotateSecret(newClient(), 'app-0001', { value: VALUE }));
    const start = performance.now();
    await vi.advanceTimersByTimeAsync(LIMITS.deadlineMs);
    expect(describeError(await failed, 'rotate').title).toBe('Cortex took too long. The value may have been changed.');
    expect(performance.now() - start).toBe(LIMITS.deadlineMs);
    expect(messages.length).toBeGreaterThan(1);
  });
});

describe('describeError', () => {
  const { fetch } = pluginFetch(host);
  // A new one for each test: a 429 pauses a client.
  let client: SecretsClient;
  beforeEach(() => {
    client = createSecretsClient({ apiKey: null, baseUrl: cortex.baseUrl, fetch, ...LIMITS, retry: false });
  });
  const calls: Record<Action, () => Promise<unknown>> = {
    list: () => loadSecrets(client),
    rotate: () => rotateSecret(client, 'app-0001', { value: VALUE }),
    create: () => createSecret(client, { tag: 'aaa', name: 'A' }, { value: VALUE }),
    delete: () => deleteSecret(client, 'app-0001'),
  };
  const operations = { list: 'list', rotate: 'update', create: 'create', delete: 'delete' } as const;

  test.each<[Action, Parameters<typeof cortex.fail>[1], string, string]>([
    ['list', { status: 503 }, 'Cortex responded with 503. The list could not be loaded.', 'in a few minutes'],
    ['list', 'reset after processing', 'The connection failed. The list could not be loaded.', 'Try again.'],
    ['list', 'wrong shape', 'The response is not one of Cortex. The list could not be loaded.', 'Try again'],
    ['list', { status: 429, retryAfter: 120 }, 'The list could not be loaded.', 'in 2 minutes.'],
    ['rotate', { status: 429, retryAfter: 7 }, 'The value was not changed.', 'in 7 s.'],
    ['rotate', { status: 429, retryAfter: 86_400 }, 'The value was not changed.', 'later.'],
    ['rotate', { status: 404 }, 'The value was not changed.', 'It no longer exists.'],
    ['rotate', 'ingress 404', 'The value was not changed.', 'no Cortex at this address'],
    ['rotate', { status: 500 }, 'Cortex responded with 500. The value may have been changed.', 'Check before'],
    ['rotate', 'log-in page', 'The response is not one of Cortex. The value may have been changed.', 'Check before'],
    ['rotate', 'wrong shape', 'The value was changed, but the response of Cortex cannot be read.', 'Reload'],
    ['create', { status: 409 }, 'The secret was not created.', 'This tag is taken.'],
    ['create', { status: 400 }, 'The secret was not created.', 'refused the input'],
    ['create', { status: 413 }, 'The secret was not created.', 'too large'],
    ['create', { status: 503 }, 'Cortex responded with 503. The secret may have been created.', 'Check before'],
    ['delete', { status: 403 }, 'The secret was not deleted.', '"Create secrets"'],
    ['delete', 'reset before processing', 'The connection failed. The secret may have been deleted.', 'Check before'],
  ])('%s, %j: %s %s', async (action, fault, title, advice) => {
    cortex.fail(operations[action], fault);
    const words = describeError(await rejectionOf(calls[action]()), action);
    expect(words.title).toBe(title);
    expect(words.advice).toContain(advice);
  });

  test.each([
    ['no value', { tag: 'aaa', name: 'A' }, '', 'Enter a value.'],
    ['no tag', { tag: '', name: 'A' }, VALUE, 'Enter a tag.'],
    ['no name', { tag: 'aaa', name: '' }, VALUE, 'Enter a name.'],
  ])('nothing is sent if there is %s, and the field is empty', async (_case, labels, value, advice) => {
    const field = { value };
    const error = await rejectionOf(createSecret(client, labels, field));
    expect(error).toBeInstanceOf(InputProblem);
    expect(describeError(error, 'create')).toEqual({ title: 'The secret was not created.', advice });
    expect(field.value).toBe('');
    expect(messages).toEqual([]);
  });

  test('a TypeError of the client says that nothing was sent', async () => {
    const words = describeError(await rejectionOf(deleteSecret(client, '..')), 'delete');
    expect(words).toMatchObject({ title: 'The secret was not deleted.', advice: 'Change the input.' });
    expect(words.detail).toContain('tagOrId');
  });

  test('an unknown error is not quoted, since it may quote the value', () => {
    const words = describeError(new Error(VALUE), 'rotate');
    expect(JSON.stringify(words)).not.toContain(VALUE);
    expect(words).toMatchObject({ title: 'The value may have been changed.', detail: 'Unexpected error: Error' });
  });
});
