/** `import --state`: what is unchanged is left out, and nothing that is not stored is ever taken for it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chance } from '../campaign/server.js';
import { runsOr, seedOf } from '../support/seed.js';
import { CLI, cli, cliProcess, emptyFolder, file, folder, KEY, pathOf, startCortex, textOf, value } from './support.js';

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex();
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});
type Options = NonNullable<Parameters<typeof cli>[1]>;
const run = (args: string[], options: Options = {}) =>
  cli(['import', ...args], { ...options, env: { ...server.env, ...options.env } });
const operations = () => server.cortex.requests.map(({ operation }) => operation);
const writes = () => operations().filter((operation) => operation !== 'list').length;
const valuesOf = (count: number, generation: string | number = 0) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, value(`${i} of ${generation}`)]));
const jsonFile = (name: string, content: unknown) => file(name, JSON.stringify(content));
let states = 0;
const newState = () => `state-${++states}`;

test('writes what has changed only, and says how many are unchanged', async () => {
  const state = newState();
  const values = valuesOf(5);
  await jsonFile('five.json', values);
  expect((await run(['five.json', '--state', state])).stderr).toBe('import: 5 created\n');
  expect((await run(['five.json', '--state', state])).stderr).toBe('import: 5 unchanged\n');
  expect(writes()).toBe(5);
  await jsonFile('five.json', { ...values, s1: value('new'), s9: value('more') });
  const { stderr, stdout } = await run(['five.json', '--state', state, '--output', 'tsv']);
  expect(stderr).toBe('import: 1 created, 1 updated, 4 unchanged\n');
  expect(stdout).toContain('s0\tunchanged\tskipped\tnot-sent\n');
  expect(writes()).toBe(7);
  expect(server.cortex.storedValue('s1')).toBe(value('new'));
});

test('a name that changes is a change', async () => {
  const state = newState();
  await jsonFile('named.json', [{ tag: 'a', secret: 'c4nary' }]);
  await run(['named.json', '--state', state]);
  await jsonFile('named.json', [{ tag: 'a', name: 'A', secret: 'c4nary' }]);
  expect((await run(['named.json', '--state', state])).stderr).toBe('import: 1 updated\n');
  expect((await run(['named.json', '--state', state])).stderr).toBe('import: 1 unchanged\n');
});

test('--force writes all, and needs --state', async () => {
  const state = newState();
  await jsonFile('two.json', valuesOf(2));
  await run(['two.json', '--state', state]);
  expect((await run(['two.json', '--state', state, '--force'])).stderr).toBe('import: 2 updated\n');
  expect((await run(['two.json', '--state', state])).stderr).toBe('import: 2 unchanged\n');
  expect(await run(['two.json', '--force'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--force: applies to'),
  });
});

test('--dry-run --exit-code exits with 0 if all is unchanged, with 10 if not, and writes no state', async () => {
  const state = newState();
  const args = ['two.json', '--state', state, '--dry-run', '--exit-code'];
  await jsonFile('two.json', valuesOf(2));
  expect((await run(args)).code).toBe(10);
  expect(existsSync(pathOf(state))).toBe(false);
  await run(['two.json', '--state', state]);
  expect(await run(args)).toMatchObject({ code: 0, stderr: 'plan: 2 unchanged; nothing was changed\n' });
  await jsonFile('two.json', valuesOf(3));
  expect((await run(args)).code).toBe(10);
});

test('a file whose secrets are unchanged leaves the state as it is, byte for byte; a changed one sorts it', async () => {
  const state = newState();
  await jsonFile('order.json', { b: 'c4nary-b', a: 'c4nary-a', c: 'c4nary-c' });
  await run(['order.json', '--state', state]);
  const before = await textOf(state);
  await run(['order.json', '--state', state]);
  expect(await textOf(state)).toBe(before);
  const tags = before
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line).tag);
  expect(tags).toEqual(['a', 'b', 'c']);
});

describe('a secret is written again if', () => {
  const prepared = async () => {
    const state = newState();
    await jsonFile('two.json', valuesOf(2));
    await run(['two.json', '--state', state]);
    return ['two.json', '--state', state];
  };

  test('its tag is missing in Cortex', async () => {
    const args = await prepared();
    await cli(['delete', 's0', '--yes'], { env: server.env });
    expect((await run(args)).stderr).toBe('import: 1 created, 1 unchanged\n');
  });

  test('it was deleted and created again', async () => {
    const args = await prepared();
    await cli(['delete', 's0', '--yes'], { env: server.env });
    await cli(['create', 's0'], { env: server.env, stdin: value('of somebody else') });
    expect((await run(args)).stderr).toBe('import: 1 updated, 1 unchanged\n');
    expect(server.cortex.storedValue('s0')).toBe(valuesOf(2).s0);
  });

  test('the API key is another one, with a note', async () => {
    const args = await prepared();
    const other = await startCortex({ apiKey: 'c4nary-another', seed: [{ tag: 's0', secret: 'x' }] });
    const env = { CORTEX_API_KEY: 'c4nary-another', CORTEX_BASE_URL: server.env.CORTEX_BASE_URL };
    await other.close();
    // The key is not that of this server: the dry run fails, but after the note.
    const { code, stderr } = await run([...args, '--dry-run'], { env });
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/^--state: was written with another key/),
    });
    const changed = await run(args, { env: { CORTEX_SECRETS_STATE_KEY: 'c4nary-of-the-state' } });
    expect(changed.stderr).toBe(
      '--state: was written with another key, so that everything counts as changed\nimport: 2 updated\n',
    );
    expect((await run(args, { env: { CORTEX_SECRETS_STATE_KEY: 'c4nary-of-the-state' } })).stderr).toBe(
      'import: 2 unchanged\n',
    );
  });

  test('the outcome of its last write is unknown', async () => {
    const args = await prepared();
    await jsonFile('two.json', { ...valuesOf(2), s0: value('second') });
    const recover = server.cortex.fail('update', { status: 500, processed: true }, { times: 9 });
    expect((await run(args)).code).toBe(3);
    expect(server.cortex.storedValue('s0')).toBe(value('second'));
    // Back to the first value, which the state knew once.
    await jsonFile('two.json', valuesOf(2));
    recover();
    expect((await run(args)).stderr).toBe('import: 1 updated, 1 unchanged\n');
    expect(server.cortex.storedValue('s0')).toBe(valuesOf(2).s0);
  });

  test('it was pruned in between', async () => {
    const args = await prepared();
    await jsonFile('one.json', { s1: valuesOf(2).s1 });
    await run(['one.json', ...args.slice(1), '--prune', '--all', '--yes']);
    await cli(['create', 's0'], { env: server.env, stdin: value('of somebody else') });
    expect((await run(args)).stderr).toBe('import: 1 updated, 1 unchanged\n');
  });
});

test('CORTEX_SECRETS_STATE_KEY survives another API key', async () => {
  const state = newState();
  await jsonFile('two.json', valuesOf(2));
  const keys = { CORTEX_SECRETS_STATE_KEY: 'c4nary-of-the-state' };
  await run(['two.json', '--state', state], { env: keys });
  const before = server.cortex.requests.length;
  const { stderr } = await run(['two.json', '--state', state, '--dry-run'], {
    env: { ...keys, CORTEX_API_KEY: 'c4nary-rotated' },
  });
  expect(stderr).not.toContain('another key');
  expect(server.cortex.requests.length).toBeGreaterThan(before);
  expect(await run(['two.json', '--state', state], { env: { CORTEX_SECRETS_STATE_KEY: 'short' } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('CORTEX_SECRETS_STATE_KEY: must have at least 16 characters'),
  });
});

describe('is an error before the first request:', () => {
  const header = { version: 1, address: 'http://127.0.0.1:1/', salt: 'AAAA', check: 'x' };
  const line = (content: unknown) => `${JSON.stringify(content)}\n`;
  const digest = 'A'.repeat(43);
  test.each([
    ['another address', line({ state: header }), 'is the state of another address'],
    ['a newer version', line({ state: { ...header, version: 2 } }), 'was written by a newer version of cortex-secrets'],
    ['no header', line({ tag: 'a', digest }), 'the file is no state of an import'],
    ['another file', 'A=c4nary\n', 'the file is no state of an import'],
    ['a report', line({ import: { id: 'x', secrets: 1 } }), 'the file is no state of an import'],
    ['a line that is no JSON', `${line({ state: header })}${'<'.repeat(7)} HEAD\n`, 'the file is damaged; remove it'],
    ['a line without a digest', `${line({ state: header })}${line({ tag: 'a' })}`, 'the file is damaged'],
    ['a digest that is none', `${line({ state: header })}${line({ tag: 'a', digest: 'x' })}`, 'the file is damaged'],
    ['a header without a salt', line({ state: { ...header, salt: undefined } }), 'the file is damaged'],
    ['a header that is cut off', JSON.stringify({ state: header }), 'the file is damaged'],
  ])('%s', async (_, content, message) => {
    await jsonFile('one.json', valuesOf(1));
    const state = newState();
    await file(state, content);
    const { code, stderr } = await run(['one.json', '--state', state]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(operations()).toEqual([]);
    expect(await textOf(state)).toBe(content);
  });

  test('a folder that is missing, or is no folder', async () => {
    await jsonFile('one.json', valuesOf(1));
    expect(await run(['one.json', '--state', 'no/state'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--state: can't write"),
    });
    expect(await run(['one.json', '--state', '.'])).toMatchObject({ code: 2 });
    expect(operations()).toEqual([]);
  });
});

test('an empty file is a new state; a last line that a crash cut off is dropped', async () => {
  const state = newState();
  await file(state, '');
  await jsonFile('two.json', valuesOf(2));
  expect((await run(['two.json', '--state', state])).code).toBe(0);
  const text = await textOf(state);
  await file(state, text.slice(0, -20));
  expect((await run(['two.json', '--state', state])).stderr).toBe('import: 1 updated, 1 unchanged\n');
});

describe('two imports at once', () => {
  test('the second says so and stops before its first request; after the first it runs', async () => {
    const state = newState();
    await jsonFile('two.json', valuesOf(2));
    const release = server.hold();
    const first = cliProcess(['import', 'two.json', '--state', state], { env: server.env });
    while (!existsSync(pathOf(`${state}.lock`)) || operations().length === 0) await sleep(5);
    const before = operations().length;
    const { code, stderr } = await run(['two.json', '--state', state]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('another import uses') });
    expect(operations()).toHaveLength(before);
    release();
    expect((await first).code).toBe(0);
    expect(existsSync(pathOf(`${state}.lock`))).toBe(false);
    expect((await run(['two.json', '--state', state])).code).toBe(0);
  });

  test.each([
    ['of a process that has ended', { pid: 2 ** 22 + 1, host: hostname() }, 0, 0],
    ['of another machine that is not touched any more', { pid: 1, host: 'other' }, 120, 0],
    ['of another machine', { pid: 1, host: 'other' }, 0, 1],
    ['of a process that runs', { pid: process.pid, host: hostname() }, 0, 1],
  ])('a lock %s', async (_, owner, ageSeconds, code) => {
    const state = newState();
    await jsonFile('two.json', valuesOf(2));
    const lock = await file(`${state}.lock`, JSON.stringify({ id: 'x', ...owner }));
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(lock, time, time);
    expect((await run(['two.json', '--state', state])).code).toBe(code);
    expect(existsSync(lock)).toBe(code === 1);
  });
});

test('a state that can not be written any more stops the import', async () => {
  const state = newState();
  await jsonFile('hundred.json', valuesOf(100));
  // The first kilobytes fit.
  const script = 'ulimit -f 2; exec "$@"';
  const args = ['-c', script, 'bash', process.execPath, CLI, 'import', 'hundred.json', '--state', state];
  const { code, stderr } = await promisify(execFile)('bash', args, {
    cwd: folder,
    env: { ...process.env, ...server.env },
  }).catch((error) => error);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /--state: can't write state-\d+: the file would become too large; the import was stopped\nerror: import: \d+ created, .*not tried/,
    ),
  });
  const again = await run(['hundred.json', '--state', state]);
  expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/unchanged\n$/) });
  for (const [tag, secret] of Object.entries(valuesOf(100))) expect(server.cortex.storedValue(tag)).toBe(secret);
});

test('has no value, in no form', async () => {
  const state = newState();
  const values = { ...valuesOf(40), equal: value('same'), 'equal-too': value('same') };
  await jsonFile('searched.json', values);
  await run(['searched.json', '--state', state]);
  const text = (await textOf(state)).toLowerCase();
  expect(text).toContain('equal-too');
  for (const secret of [...Object.values(values), KEY]) {
    const hashes = ['sha256', 'sha1', 'md5', 'sha512'].flatMap((name) =>
      (['hex', 'base64', 'base64url'] as const).map((encoding) => createHash(name).update(secret).digest(encoding)),
    );
    const forms = [
      secret,
      ...(['hex', 'base64', 'base64url'] as const).map((encoding) => Buffer.from(secret).toString(encoding)),
      ...hashes,
    ];
    for (const form of forms) expect(text).not.toContain(form.toLowerCase());
  }
  const digests = text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line).digest);
  expect(new Set(digests).size).toBe(Object.keys(values).length);
});

test('a SIGKILL at any moment loses nothing, and no digest stands for what is not stored', async () => {
  const seed = seedOf(import.meta.url);
  const COUNT = 60;
  const busy = await startCortex({ latencyMs: 3 });
  const state = newState();
  const env = busy.env;
  let earlier: Record<string, string> | undefined;
  for (let i = 0; i < runsOr(3); i++) {
    const values = valuesOf(COUNT, i);
    // Some stay as they were before.
    for (const tag of Object.keys(values))
      if (i > 0 && chance(seed, 'same', i, tag) < 0.3) values[tag] = busy.cortex.storedValue(tag) ?? value(tag);
    await jsonFile('killed.json', values);
    const before = busy.cortex.requests.length;
    const killAt = 1 + Math.floor(chance(seed, 'moment', i) * COUNT);
    const killed = await cli(['import', 'killed.json', '--state', state], {
      env,
      onStart: async (child) => {
        while (busy.cortex.requests.length - before < killAt && child.exitCode === null) await sleep(1);
        child.kill('SIGKILL');
      },
    });
    expect([-1, 0]).toContain(killed.code);
    // What the state takes for done is done, with the values of this import and of the one before.
    await jsonFile('before.json', earlier ?? values);
    for (const [name, content] of Object.entries({ 'killed.json': values, 'before.json': earlier ?? values })) {
      const plan = await cli(['import', name, '--state', state, '--dry-run', '--output', 'json'], { env });
      for (const { tag, action } of JSON.parse(plan.stdout))
        if (action === 'unchanged') expect([i, tag, busy.cortex.storedValue(tag)]).toEqual([i, tag, content[tag]]);
    }
    earlier = values;
    // The same import again.
    expect((await cli(['import', 'killed.json', '--state', state], { env })).code).toBe(0);
    for (const [tag, secret] of Object.entries(values)) expect(busy.cortex.storedValue(tag)).toBe(secret);
    expect((await cli(['import', 'killed.json', '--state', state], { env })).stderr).toBe(
      `import: ${COUNT} unchanged\n`,
    );
  }
  expect(readFileSync(pathOf(state), 'utf8')).not.toContain('c4nary');
  await busy.close();
}, 300_000);
