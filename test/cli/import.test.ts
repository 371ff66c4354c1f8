/** `cortex-secrets import` on real processes: plans, partial failures, reports, and what a crash leaves. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CLI, cli, emptyFolder, file, folder, startCortex, textOf, value } from './support.js';

const seed = [
  { tag: 'app-a', name: 'First', secret: value('old a') },
  { tag: 'app-z', secret: value('old z') },
  { tag: 'other', secret: value('other') },
];

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed });
  await file('.env', `A='${value('a')}'\nB='${value('b')}'\n`);
  await file('two.json', JSON.stringify({ 'app-a': value('a'), 'app-b': value('b') }));
  await file('named.yaml', `- tag: app-a\n  name: A\n  secret: '${value('a')}'\n- { tag: app-b, secret: x }\n`);
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});
const run = (args: string[], options: Parameters<typeof cli>[1] = {}) =>
  cli(['import', ...args], { ...options, env: { ...server.env, ...options.env } });
const operations = () => server.cortex.requests.map(({ operation }) => operation);
const reported = async (name: string) => {
  const [, ...lines] = (await textOf(name)).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { tag: string; action: string; status: string; outcome: string });
};

test('creates and updates, and keeps the names that it is not given', async () => {
  expect(await run(['two.json'])).toEqual({ code: 0, stdout: '', stderr: 'import: 1 created, 1 updated\n' });
  expect(server.cortex.storedValue('app-a')).toBe(value('a'));
  expect(server.cortex.storedValue('app-b')).toBe(value('b'));
  const { stdout } = await cli(['list'], { env: server.env });
  expect(stdout).toMatch(/^app-a\tFirst\t.*\napp-b\tapp-b\t/);
  await run(['named.yaml']);
  expect((await cli(['get', 'app-a'], { env: server.env })).stdout).toMatch(/^app-a\tA\t/);
});

test('sends a list and one request for each secret', async () => {
  await run(['two.json']);
  expect(operations()).toEqual(['list', 'update', 'create']);
});

test('--allow-empty stores empty values if the server takes them, of new and of existing secrets', async () => {
  const lenient = await startCortex({ seed, allowEmptyValues: true });
  await file('empty.env', 'a=\nb=\n');
  const args = ['import', 'empty.env', '--prefix', 'app-', '--allow-empty'];
  expect(await cli(args, { env: lenient.env })).toEqual({
    code: 0,
    stdout: '',
    stderr: 'import: 1 created, 1 updated\n',
  });
  expect(['app-a', 'app-b'].map((tag) => lenient.cortex.storedValue(tag))).toEqual(['', '']);
  await lenient.close();
});

test('reads stdin, with --format', async () => {
  expect((await run(['-', '--format', 'env', '--prefix', 'x-'], { stdin: `A='${value('a')}'` })).code).toBe(0);
  expect(server.cortex.storedValue('x-A')).toBe(value('a'));
});

test('--output writes what became of each secret', async () => {
  const { stdout } = await run(['two.json', '--output', 'tsv']);
  expect(stdout).toBe('app-a\tupdate\tdone\tprocessed\napp-b\tcreate\tdone\tprocessed\n');
});

describe('--dry-run', () => {
  test('prints the plan, and changes nothing', async () => {
    const args = ['.env', '--prefix', 'app-', '--dry-run', '--prune'];
    expect(await run(args)).toEqual({
      code: 0,
      stdout: 'create\tapp-A\ncreate\tapp-B\ndelete\tapp-a\ndelete\tapp-z\n',
      stderr: 'prune sees 2 secrets within "app-": 2 to delete\nplan: 2 to create, 2 to delete; nothing was changed\n',
    });
    expect(operations()).toEqual(['list']);
  });

  test('--exit-code exits with 10 if something would change, and with 0 if not', async () => {
    expect((await run(['two.json', '--dry-run', '--exit-code'])).code).toBe(10);
    await run(['two.json']);
    expect(await run(['two.json', '--dry-run', '--exit-code', '--on-existing', 'skip'])).toMatchObject({
      code: 0,
      stderr: 'plan: 2 to skip; nothing was changed\n',
    });
  });
});

describe('--on-existing', () => {
  test('skip leaves what exists', async () => {
    expect((await run(['two.json', '--on-existing', 'skip'])).stderr).toBe('import: 1 created, 1 skipped\n');
    expect(server.cortex.storedValue('app-a')).toBe(value('old a'));
  });

  test('skip leaves what was created meanwhile', async () => {
    server.cortex.fail('create', { status: 409 });
    expect((await run(['two.json', '--on-existing', 'skip'])).stderr).toBe('import: 2 skipped\n');
  });

  test('fail exits with 6 before it changes anything', async () => {
    expect(await run(['two.json', '--on-existing', 'fail'])).toEqual({
      code: 6,
      stdout: '',
      stderr: 'error: import: 1 of the tags exist already; nothing was changed\n  app-a\n',
    });
    expect(operations()).toEqual(['list']);
  });

  test('update stores the value if a create conflicts, or its outcome is unknown', async () => {
    for (const fault of [{ status: 409 }, 'reset after processing', 'not JSON'] as const) {
      server.cortex.reset();
      server.cortex.fail('create', fault);
      expect((await run(['two.json'])).code).toBe(0);
      expect(server.cortex.storedValue('app-b')).toBe(value('b'));
    }
  });
});

describe('--prune', () => {
  test('deletes what the file does not name within --prefix, and nothing else', async () => {
    const { code, stderr } = await run(['.env', '--prefix', 'app-', '--prune', '--yes']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'import: 2 created, 2 deleted\n' });
    const tags = (await cli(['list'], { env: server.env })).stdout.split('\n').map((line) => line.split('\t')[0]);
    expect(tags).toEqual(['app-A', 'app-B', 'other', '']);
  });

  test('without a terminal and without --yes, exits with 8 and changes nothing', async () => {
    expect((await run(['two.json', '--prune', '--all'])).code).toBe(8);
    expect(operations()).toEqual(['list']);
  });

  test('changes nothing if it would delete more than --max-deletes', async () => {
    expect(await run(['two.json', '--prune', '--all', '--yes', '--max-deletes', '1'])).toMatchObject({
      code: 1,
      stderr: 'error: import: would delete 2 secrets, more than --max-deletes 1; nothing was changed\n',
    });
    expect(operations()).toEqual(['list']);
  });

  test('deletes nothing if a secret could not be stored', async () => {
    server.cortex.fail('create', { status: 500 }, { times: 9 });
    server.cortex.fail('update', { status: 500 }, { times: 9 });
    const { code, stderr } = await run(['two.json', '--prune', '--all', '--yes', '--report', 'prune.ndjson']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('2 failed, 2 not tried') });
    expect(server.cortex.storedValue('other')).toBe(value('other'));
    expect((await reported('prune.ndjson')).at(-1)).toMatchObject({ action: 'delete', status: 'not tried' });
  });
});

describe('a failure', () => {
  test('of one secret lets the others go on, and exits with 3', async () => {
    server.cortex.fail('update', { status: 500 });
    const { code, stderr } = await run(['two.json', '--report', 'some.ndjson']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: update\("app-a"\): 500 .*\nerror: import: 1 created, 1 failed; --resume some/);
    expect(await reported('some.ndjson')).toEqual([
      expect.objectContaining({ tag: 'app-a', action: 'update', status: 'failed', outcome: 'unknown' }),
      { tag: 'app-b', action: 'create', status: 'done', outcome: 'processed' },
    ]);
    const before = server.cortex.requests.length;
    expect(await run(['two.json', '--resume', 'some.ndjson'])).toMatchObject({
      code: 0,
      stderr: 'import: 1 updated, 1 done before\n',
    });
    expect(operations().slice(before)).toEqual(['list', 'update']);
    expect((await run(['two.json', '--resume', 'some.ndjson'])).stderr).toBe('import: 2 done before\n');
  });

  test('after a create with an unknown outcome is reported as unknown, whatever the update after it says', async () => {
    server.cortex.fail('create', { status: 503, processed: true });
    server.cortex.fail('update', 'ingress 404', { when: ({ tagOrId }) => tagOrId === 'app-b' });
    expect((await run(['two.json', '--report', 'unknown.ndjson'])).code).toBe(3);
    expect((await reported('unknown.ndjson')).at(-1)).toMatchObject({ status: 'failed', outcome: 'unknown' });
    expect(server.cortex.storedValue('app-b')).toBe(value('b'));
  });

  test('--fail-fast starts no more', async () => {
    server.cortex.fail('any', { status: 500 }, { when: ({ tagOrId }) => tagOrId === 'app-a' });
    const { code, stderr } = await run(['two.json', '--fail-fast']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('1 failed, 1 not tried') });
    expect(operations()).toEqual(['list', 'update']);
  });

  test.each([401, 403])('of the key (%i) stops at once, with one request', async (status) => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`t${i}`, value(i)]));
    await file('many.json', JSON.stringify(many));
    server.cortex.fail('create', { status }, { times: 999 });
    const { code, stderr } = await run(['many.json']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('1 failed, 299 not tried') });
    expect(operations()).toEqual(['list', 'create']);
  });

  test('of a rate limit that is not waited out stops, and exits with 7', async () => {
    server.cortex.fail('update', { status: 429, retryAfter: 3600 });
    const { code, stderr } = await run(['two.json']);
    expect({ code, stderr }).toEqual({ code: 7, stderr: expect.stringContaining('1 failed, 1 not tried') });
  });
});

describe('no error of an import shows a value of its file', () => {
  const others = { a: 'the-value-of-a-0123456789', b: 'the-value-of-b-9876543210' };
  const echo = (text: string) => ({ status: 500, message: `what came before: ${text}` });

  test('that the server gives with another secret, or with the list', async () => {
    await file('others.json', JSON.stringify(others));
    const forms = [others.b, Buffer.from(others.b).toString('base64'), others.b.toUpperCase()];
    const seen: string[] = [];
    for (const operation of ['create', 'list'] as const) {
      server.cortex.fail(operation, echo(forms.join(' and ')), { times: 99 });
      for (const output of ['text', 'json', 'ndjson']) {
        const { stdout, stderr } = await run(['others.json', '--report', 'others.ndjson', '--output', output]);
        seen.push(stdout, stderr, await textOf('others.ndjson').catch(() => ''));
      }
    }
    expect(seen.join('\n')).toContain('500');
    for (const form of forms) expect(seen.join('\n')).not.toContain(form);
  });
});

describe('exits with 2, names the line, quotes nothing and sends nothing for', () => {
  const mistakes: [string, string, string, string[]][] = [
    ['equal keys', 'a.env', `A='${value(1)}'\nA=2`, ['a.env:2:1: the same tag as on line 1']],
    ['a wrong tag', 'b.env', `A=1\nA.B='${value(1)}'`, ['b.env:2:1: a tag may have letters, digits, "-" and "_" only']],
    ['a line without =', 'c.env', `A=1\n${value(1)}`, ['c.env:2:1: expected KEY=value, a comment or an empty line']],
    ['an empty value', 'd.env', `A=\nB='${value(1)}'`, ['d.env:1:1: the value is empty; --allow-empty stores it']],
    [
      'several mistakes',
      'e.env',
      `A=\n${value(1)}`,
      ['e.env:1:1: the value is empty', 'e.env:2:1: expected KEY=value'],
    ],
    ['a file without secrets', 'f.env', '# nothing', ['f.env: has no secrets']],
    ['bytes that are no UTF-8', 'g.env', '\ud800', ['g.env: is not UTF-8']],
    [
      'a value over the limit',
      'h.env',
      `A=1\nB='c4nary${'x'.repeat(2_000_000)}'`,
      ['h.env:2:1: the value is too large'],
    ],
    ['broken JSON', 'i.json', `{\n "A": "${value(1)}`, ['i.json:2:16: the file is not JSON: expected "," or "}"']],
    ['equal keys in JSON', 'j.json', '{"A": "x",\n\n"A": "y"}', ['j.json:3:1: the same tag as on line 1']],
    ['a number in YAML', 'k.yaml', 'A: x\nB: 007', ['k.yaml:2:4: the value must be a string']],
    ['an unknown ending', 'l.txt', 'A=1', ['--format: is needed for this file name']],
  ];
  test.each(mistakes)('%s', async (_, name, content, messages) => {
    await file(name, name === 'g.env' ? new Uint8Array([65, 61, 255]) : content);
    const { code, stdout, stderr } = await run([name]);
    for (const message of messages) expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(operations()).toEqual([]);
  });

  const options: [string, string[], string][] = [
    ['a missing file', ['nowhere.env'], "import: can't read nowhere.env: there is no such file or directory"],
    ['a missing file without an ending', ['nofile'], "import: can't read nofile: there is no such file"],
    [
      'a missing file whose name may be a value',
      [`/${value('x')}.env`],
      "import: can't read the file: there is no such file",
    ],
    ['a folder', ['.'], "import: can't read .: it is a directory"],
    [
      'a path through a file',
      ['two.json/x.env'],
      "import: can't read two.json/x.env: a part of the path is not a directory",
    ],
    ['a prefix that is no tag', ['.env', '--prefix', 'a b'], '--prefix: a tag may have letters'],
    ['an unknown format', ['.env', '--format', 'toml'], '--format: must be one of env, json, yaml'],
    ['stdin without --format', ['-'], '--format: is needed for stdin'],
    ['--prune alone', ['.env', '--prune'], '--prune: needs --prefix, or --all'],
    ['--prune with both', ['.env', '--prune', '--all', '--prefix', 'a'], 'use one of --prefix and --all'],
    ['an empty prefix', ['.env', '--prefix', '', '--prune'], '--prefix: must not be empty'],
    ['--exit-code without --dry-run', ['.env', '--exit-code'], '--exit-code: applies to --dry-run only'],
    ['a number of deletes that is none', ['.env', '--max-deletes', 'all'], '--max-deletes: must be an integer'],
    [
      'a missing report',
      ['.env', '--resume', 'nowhere'],
      "--resume: can't read nowhere: there is no such file or directory",
    ],
    [
      'a report in a folder that is missing',
      ['.env', '--report', 'no/r.ndjson'],
      "--report: can't write no/r.ndjson: there is no such",
    ],
    ['a folder as a report', ['.env', '--report', '.'], "--report: can't write .: it is a directory"],
    ['a report that is none', ['.env', '--resume', 'two.json'], '--resume: the file is no report of an import'],
  ];
  test.each(options)('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(operations()).toEqual([]);
  });
});

describe('--report', () => {
  test('and --summary are two files', async () => {
    const { code, stderr } = await run(['two.json', '--report', 'one.md', '--summary', './one.md']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: --summary: must be a file of its own\n' });
    expect(operations()).toEqual([]);
  });

  test.each([
    ['a text', '.env'.repeat(3)],
    ['JSON of something else', '{"import":{"name":"x"}}\n'],
    ['the file of secrets itself', undefined],
  ])('leaves a file alone that is no report: %s', async (_, content) => {
    const name = content === undefined ? 'two.json' : 'precious.txt';
    if (content !== undefined) await file(name, content);
    const before = await textOf(name);
    const { code, stdout, stderr } = await run(['two.json', '--report', name]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: --report: the file exists, and is no report; remove it/),
    });
    expect(await textOf(name)).toBe(before);
    expect(operations()).toEqual([]);
  });

  test('replaces an earlier report, and fills an empty file', async () => {
    await file('again.ndjson', '');
    expect((await run(['two.json', '--report', 'again.ndjson'])).code).toBe(0);
    expect((await run(['two.json', '--report', 'again.ndjson'])).code).toBe(0);
    expect(await reported('again.ndjson')).toHaveLength(2);
  });
});

test.skipIf(process.platform === 'win32')(
  'a disk that is full under --report stops the import, and what was done is said',
  async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`full-${i}`, value(i)]));
    await file('full.json', JSON.stringify(many));
    // The first kilobyte fits.
    const script = 'ulimit -f 1; exec "$@"';
    const args = ['-c', script, 'bash', process.execPath, CLI, 'import', 'full.json', '--report', 'full.ndjson'];
    const { code, stderr } = await promisify(execFile)('bash', args, {
      cwd: folder,
      env: { ...process.env, ...server.env },
    }).catch((error) => error);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /error: --report: can't write full\.ndjson: the file would become too large; the import was stopped\nerror: import: \d+ created, .*\d+ not tried/,
      ),
    });
    const { code: atStart, stderr: text } = await run(['full.json', '--report', '/dev/full']);
    expect({ atStart, text }).toEqual({
      atStart: 2,
      text: "error: --report: can't write /dev/full: the disk is full\n",
    });
  },
);

describe('--resume', () => {
  test('rejects the report of other values, so that a new value is not taken for stored', async () => {
    await run(['two.json', '--report', 'r.ndjson']);
    await file('changed.json', JSON.stringify({ 'app-a': value('a'), 'app-b': value('another') }));
    expect(await run(['changed.json', '--resume', 'r.ndjson'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not that of the report'),
    });
  });

  test('drops a last line that was cut off, and begins another --report with what was done', async () => {
    await run(['two.json', '--report', 'whole.ndjson']);
    const [header, first] = (await textOf('whole.ndjson')).split('\n');
    await file('torn.ndjson', `${header}\n${first}\n{"tag":"app-`);
    expect((await run(['two.json', '--resume', 'torn.ndjson', '--report', 'next.ndjson'])).stderr).toBe(
      'import: 1 updated, 1 done before\n',
    );
    expect((await reported('next.ndjson')).map(({ tag }) => tag)).toEqual(['app-a', 'app-b']);
    await run(['two.json', '--resume', 'torn.ndjson']);
    expect((await reported('torn.ndjson')).map(({ tag }) => tag)).toEqual(['app-a', 'app-b']);
  });
});

test('plain progress lines without a terminal', async () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, value(i)]));
  await file('sixty.json', JSON.stringify(many));
  const { stderr } = await run(['sixty.json']);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toMatch(/^import: 6 of 60 done/);
  expect(lines.at(-1)).toBe('import: 60 created');
  expect((await run(['sixty.json', '--quiet'])).stderr).toBe('');
});

// Those of SIGTERM, which has the same listener, are in delete.test.ts.
describe('SIGINT', () => {
  test('lets requests in flight end, ends the waits, and says what was done', async () => {
    const busy = await startCortex();
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, value(i)]));
    await file('signal.json', JSON.stringify(many));
    let release = () => {};
    let isReached = false;
    // The first goes alone; of the next 16, one is throttled and would wait for a minute. No response ends before the signal
    // has been handled.
    const when = ({ tag }: { tag?: string | undefined }) => {
      if (tag !== 't5') return false;
      release = busy.hold();
      isReached = true;
      return true;
    };
    busy.cortex.fail('create', { status: 429, retryAfter: 50 }, { when });
    const report = 'signal.ndjson';
    const { code, stderr } = await cli(['import', 'signal.json', '--report', report], {
      env: busy.env,
      onStart: async (child) => {
        child.stderr?.on('data', (text) => {
          if (String(text).includes('waiting for requests in flight')) release();
        });
        while (!isReached) await sleep(5);
        child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/import interrupted: \d+ created, .*\b1 interrupted, \d+ not tried; --resume/);
    const lines = await reported(report);
    expect(lines).toHaveLength(100);
    for (const { tag, status, outcome } of lines) {
      if (status === 'interrupted') expect(tag).toBe('t5');
      expect([tag, outcome !== 'processed']).toEqual([tag, busy.cortex.storedValue(tag) === undefined]);
    }
    await busy.close();
  });
});
