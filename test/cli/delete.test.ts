/** Bulk delete: what is deleted, and what keeps a command from deleting more. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cli, emptyFolder, file, startCortex, textOf, value } from './support.js';

const tags = [...Array.from({ length: 12 }, (_, i) => `app-${String.fromCharCode(97 + i)}`), 'other', 'odd.tag'];
const seed = tags.map((tag, i) => ({ tag, secret: value(tag), id: `se${i}` }));
let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed });
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});
const run = (args: string[], stdin?: string | Uint8Array) =>
  cli(['delete', ...args], { env: server.env, ...(stdin !== undefined && { stdin }) });
const left = () => tags.filter((tag) => server.cortex.storedValue(tag) !== undefined);
const without = (...gone: string[]) => tags.filter((tag) => !gone.includes(tag));
const operations = () => server.cortex.requests.map(({ operation }) => operation);

test('list --prefix lists what delete --prefix deletes', async () => {
  const { stdout } = await cli(['list', '--prefix', 'o'], { env: server.env });
  expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['odd.tag', 'other', '']);
  expect(await run(['--prefix', 'o', '-y'])).toMatchObject({ code: 0, stderr: 'delete: 2 deleted\n' });
  expect(left()).toEqual(without('odd.tag', 'other'));
  expect((await cli(['list', '--prefix', ''], { env: server.env })).code).toBe(2);
});

describe('--prefix', () => {
  test('deletes nothing over the limit, in a dry run as in a real one', async () => {
    for (const args of [['-y'], ['--dry-run'], ['--dry-run', '--exit-code']]) {
      const { code, stderr } = await run(['--prefix', 'app-', ...args]);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'error: delete: would delete 12 secrets, more than --max-deletes 10; nothing was changed\n',
      });
    }
    expect(left()).toEqual(tags);
    expect(await run(['--prefix', 'app-', '-y', '--max-deletes', '12'])).toMatchObject({ code: 0 });
    expect(left()).toEqual(['other', 'odd.tag']);
  });

  test('--dry-run prints the plan, and exits with 10 if something would be deleted', async () => {
    expect(await run(['--prefix', 'ot', '--dry-run', '--exit-code'])).toEqual({
      code: 10,
      stdout: 'delete\tother\n',
      stderr: 'plan: 1 to delete; nothing was changed\n',
    });
    expect(await run(['--prefix', 'none', '--dry-run', '--exit-code'])).toMatchObject({ code: 0 });
    expect(left()).toEqual(tags);
  });

  test('with nothing to delete is no failure', async () => {
    expect(await run(['--prefix', 'none', '-y'])).toEqual({ code: 0, stdout: '', stderr: 'delete: nothing to do\n' });
  });
});

describe('--from', () => {
  const forms: [string, string | Uint8Array, string[]][] = [
    ['tags', 'app-a\nother\n', ['app-a', 'other']],
    ['ids', 'se0\nse12', ['app-a', 'other']],
    ['a tag and its id', 'app-a\nse0\n', ['app-a']],
    ['a tag twice', 'app-a\napp-a\n', ['app-a']],
    ['line breaks of Windows, empty lines and blank ones', '\r\napp-a\r\n \r\n\t\r\nother\r\n', ['app-a', 'other']],
    ['a byte order mark', '\ufeffapp-a', ['app-a']],
    ['nothing', '', []],
    ['empty lines', '\n\n', []],
  ];
  test.each(forms)('stdin with %s', async (_, content, gone) => {
    const { code, stderr } = await run(['--from', '-', '-y'], content);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: gone.length === 0 ? 'delete: nothing to do\n' : `delete: ${gone.length} deleted\n`,
    });
    expect(left()).toEqual(without(...gone));
  });

  test('a file that can be read', async () => {
    await file('tags.txt', 'app-a\nse12\n');
    expect((await run(['--from', 'tags.txt', '-y'])).code).toBe(0);
    expect(left()).toEqual(without('app-a', 'other'));
  });

  const mistakes: [string, string | Uint8Array, RegExp][] = [
    ['lines of a list', 'app-a\tName\tse1\n', /stdin:1: has a tab: "cut -f1"/],
    ['JSON', 'app-b\n{"tag":"app-a"}\n', /stdin:2: is JSON: "jq -r \.tag"/],
    ['a JSON list', '["app-a"]', /stdin:1: is JSON/],
    ['a tag of the path', '..', /stdin:1: is no tag/],
    ['UTF-16', Buffer.from('\ufeffapp-a\n', 'utf16le'), /stdin: is UTF-16/],
    ['binary data', new Uint8Array([0xff, 0x61]), /stdin: is not UTF-8/],
  ];
  test.each(mistakes)('%s: exits with 2, and sends nothing', async (_, content, message) => {
    const { code, stderr } = await run(['--from', '-', '-y'], content);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(operations()).toEqual([]);
  });

  test('a space before or after a tag is part of it: another secret stays', async () => {
    const spaced = await startCortex({
      seed: [' app-a', 'app-a', 'app-b ', 'app-b'].map((tag) => ({ tag, secret: 'v' })),
    });
    const args = ['delete', '--from', '-', '-y'];
    expect((await cli(args, { env: spaced.env, stdin: ' app-a\napp-b \n' })).code).toBe(0);
    const kept = [' app-a', 'app-a', 'app-b ', 'app-b'].filter((tag) => spaced.cortex.storedValue(tag) !== undefined);
    expect(kept).toEqual(['app-a', 'app-b']);
    const { code, stderr } = await cli(args, { env: spaced.env, stdin: 'app-a \n' });
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining('app-a ') });
    await spaced.close();
  });

  test('a file that can not be read is named, with the option and the reason', async () => {
    expect(await run(['--from', 'nowhere', '-y'])).toMatchObject({
      code: 2,
      stderr: "error: --from: can't read nowhere: there is no such file or directory\n",
    });
    expect(await run(['--from', '.', '-y'])).toMatchObject({
      stderr: "error: --from: can't read .: it is a directory\n",
    });
  });

  test('a secret that does not exist fails, the others are deleted; --ignore-missing', async () => {
    const missing = await run(['--from', '-', '-y'], 'app-a\nnone\nother\n');
    expect(missing).toMatchObject({
      code: 3,
      stderr: 'error: delete("none"): 404 NOT_FOUND Secret not found\nerror: delete: 2 deleted, 1 failed\n',
    });
    expect(await run(['--from', '-', '-y', '--ignore-missing'], 'app-b\nnone\n')).toMatchObject({
      code: 0,
      stderr: 'delete: 1 deleted, 1 skipped\n',
    });
    expect(await run(['--from', '-', '--dry-run'], 'app-c\nnone\n')).toMatchObject({
      code: 0,
      stdout: 'delete\tapp-c\nmissing\tnone\n',
      stderr: 'plan: 1 to delete, 1 missing; nothing was changed\n',
    });
    expect(left()).toEqual(without('app-a', 'app-b', 'other'));
  });

  test('without a terminal and --yes, exits with 8', async () => {
    expect(await run(['--from', '-'], 'app-a\n')).toMatchObject({ code: 8 });
    expect(left()).toEqual(tags);
  });
});

describe('tags as arguments', () => {
  test('--ignore-missing', async () => {
    expect(await run(['none', '-y', '--ignore-missing'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'none does not exist\n',
    });
    expect(await run(['none', '-y'])).toMatchObject({ code: 5 });
  });

  test('a 404 of a proxy is not ignored', async () => {
    server.cortex.fail('delete', 'ingress 404');
    expect(await run(['app-a', '-y', '--ignore-missing'])).toMatchObject({ code: 1 });
  });

  test('have no limit but one that is given', async () => {
    expect(await run([...tags, '-y', '--max-deletes', '13'])).toMatchObject({ code: 1 });
    expect(left()).toEqual(tags);
    expect(await run([...tags, '-y'])).toMatchObject({ code: 0 });
    expect(left()).toEqual([]);
  });

  test('--dry-run shows which exist', async () => {
    expect((await run(['se0', 'none', '--dry-run'])).stdout).toBe('delete\tapp-a\nmissing\tnone\n');
    expect(left()).toEqual(tags);
  });

  test('--output json has a row for each, and the error of one has its fields', async () => {
    const { stdout } = await run(['app-a', 'other', '-y', '--output', 'json']);
    expect(JSON.parse(stdout)).toEqual(
      ['app-a', 'other'].map((tag) => ({ tag, action: 'delete', status: 'done', outcome: 'processed' })),
    );
    const { code, stderr } = await run(['none', '-y', '--output', 'json']);
    expect(code).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({
      exitCode: 5,
      status: 404,
      kind: 'not-found',
      operation: 'secrets.delete',
    });
  });
});

test.each([
  ['nothing to delete', []],
  ['two ways', ['app-a', '--prefix', 'app-']],
  ['two files', ['--from', 'x', '--prefix', 'app-']],
  ['an empty prefix', ['--prefix', '']],
  ['a number that is none', ['app-a', '--max-deletes', 'x']],
  ['--exit-code without --dry-run', ['app-a', '--exit-code']],
  ['a report of a dry run', ['app-a', '--dry-run', '--report', 'r.ndjson']],
])('%s: exits with 2, and sends nothing', async (_, args) => {
  expect(await run([...args, '-y'])).toMatchObject({ code: 2, stdout: '' });
  expect(operations()).toEqual([]);
});

describe('--report and --resume', () => {
  test('--resume does the rest, and no report of something else is resumed', async () => {
    await file('list.txt', 'app-a\napp-b\napp-c\n');
    server.cortex.fail('delete', { status: 500 }, { when: ({ tagOrId }) => tagOrId === 'app-b', times: 1 });
    const args = ['--from', 'list.txt', '-y'];
    expect(await run([...args, '--report', 'd.ndjson'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/\nerror: delete: 2 deleted, 1 failed; --resume d\.ndjson does the rest\n$/),
    });
    expect(left()).toContain('app-b');
    expect(await textOf('d.ndjson')).not.toContain('c4nary');
    expect(await run(['--from', '-', '-y', '--resume', 'd.ndjson'], 'app-a\n')).toMatchObject({ code: 2 });
    expect(await run(['--prefix', 'app', '-y', '--resume', 'd.ndjson'])).toMatchObject({ code: 2 });
    await file('x.json', JSON.stringify({ x: value('x') }));
    const other = await cli(['import', 'x.json', '--resume', 'd.ndjson'], { env: server.env });
    expect(other).toMatchObject({ code: 2, stderr: 'error: --resume: the file is no report of an import\n' });
    const before = server.cortex.requests.length;
    expect(await run([...args, '--resume', 'd.ndjson'])).toMatchObject({
      code: 0,
      stderr: 'delete: 1 deleted, 2 done before\n',
    });
    expect(operations().slice(before)).toEqual(['list', 'delete']);
    expect((await run([...args, '--resume', 'd.ndjson'])).stderr).toBe('delete: 3 done before\n');
  });
});

test('a wrong key stops it after its first request', async () => {
  server.cortex.fail('delete', { status: 403 }, { times: 99 });
  const { code, stderr } = await run(['--prefix', 'app-', '-y', '--max-deletes', '50']);
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('delete: 1 failed, 11 not tried') });
  expect(operations()).toEqual(['list', 'delete']);
});

test('SIGTERM lets requests in flight end, and -q says what was not done', async () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ tag: `t${i}`, secret: value(i) }));
  const busy = await startCortex({ seed: many });
  let isReached = false;
  let release = () => {};
  const when = () => {
    if (!isReached) release = busy.hold();
    isReached = true;
    return false;
  };
  busy.cortex.fail('delete', { status: 500 }, { when });
  const { code, stderr } = await cli(
    ['delete', '--prefix', 't', '-y', '--max-deletes', '99', '-q', '--report', 's.ndjson'],
    {
      env: busy.env,
      onStart: async (child) => {
        while (!isReached) await sleep(5);
        child.kill('SIGTERM');
        // With -q nothing shows that the signal has been handled, which takes a few milliseconds of a free machine.
        await sleep(3000);
        release();
      },
    },
  );
  expect(code).toBe(143);
  expect(stderr).toMatch(
    /^error: delete interrupted: (\d+ deleted, )?.*not tried; --resume s\.ndjson does the rest\n$/,
  );
  await busy.close();
});
