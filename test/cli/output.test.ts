/** What goes to stdout and stderr: widths, a full disk, readers that go away, errors as JSON. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitted } from '../../src/cli/help.js';
import { printable } from '../../src/cli/printable.js';
import { clip, table } from '../../src/cli/table.js';
import { CLI, cli, emptyFolder, file, folder, startCortex, value } from './support.js';

const many = Array.from({ length: 3000 }, (_, i) => ({ tag: `tag-${i}`, name: `Name ${i}`, secret: value(i) }));
let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed: many });
});
afterAll(async () => {
  await server.close();
  await emptyFolder();
});

/** Runs the command line in a shell; `$CLI` is its program. */
async function shell(script: string, env: Record<string, string> = {}) {
  const { stdout, stderr, code } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...server.env, NODE: process.execPath, CLI, ...env },
    maxBuffer: 2 ** 26,
  }).then(
    (output) => ({ ...output, code: 0 }),
    (error) => error,
  );
  return { code, stdout, stderr };
}

describe('a table', () => {
  const shown = (rows: string[][], columns: number) => table(['tag', 'name', 'id'], rows, columns).split('\n');

  test.each([
    ['Japanese', '秘密の値'],
    ['Korean', '비밀'],
    ['full-width letters', 'ＡＢＣ'],
    ['an emoji', '🔑 key'],
    ['an emoji of several', '👩‍👩‍👧 family'],
    ['a flag', '🇩🇪 x'],
    ['an accent of its own', 'e\u0301te\u0301'],
    ['Thai', 'ความลับ'],
  ])('has its columns below each other with %s', (_, name) => {
    const [, first = '', second = ''] = shown(
      [
        ['a', name, 'se1'],
        ['b', 'x'.repeat(20), 'se2'],
      ],
      200,
    );
    expect(cells(first.slice(0, first.indexOf('se1')))).toBe(cells(second.slice(0, second.indexOf('se2'))));
  });

  test('never cuts a tag or an id: the name gives way', () => {
    const rows = [['a-tag-of-20-letters', 'A name that is long', 'se2da8159dbeefb974']];
    expect(shown(rows, 52)[1]).toBe('a-tag-of-20-letters  A name tha…  se2da8159dbeefb974'.slice(0, 60));
    expect(shown(rows, 40)).toEqual([
      'TAG   a-tag-of-20-letters',
      'NAME  A name that is long',
      'ID    se2da8159dbeefb974',
      '',
    ]);
    expect(shown([...rows, ['b', '', 'se2']], 40).join('\n')).toBe(
      'TAG   a-tag-of-20-letters\nNAME  A name that is long\nID    se2da8159dbeefb974\n\nTAG   b\nID    se2\n',
    );
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['秘密の値', 8, '秘密の値'],
    ['秘密の値', 7, '秘密の…'],
    ['秘密の値', 6, '秘密…'],
    ['👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, '👩‍👩‍👧👩‍👩‍👧…'],
    ['e\u0301e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301…'],
  ])('%j in %i cells', (text, width, expected) => {
    expect(clip(text, width)).toBe(expected);
  });
});

/** The cells of a text, counted in another way than the code does. */
const FLAGS: string = 'v'; // TypeScript takes it in literals only for a newer target
const WIDE = new RegExp(
  String.raw`^(?:\p{RGI_Emoji}|[\u1100-\u115f\u3000-\u303e\u3041-\u33ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60])$`,
  FLAGS,
);
const cells = (text: string): number =>
  [...new Intl.Segmenter().segment(text)].reduce((width, { segment }) => width + (WIDE.test(segment) ? 2 : 1), 0);

describe('text of others', () => {
  test.each([
    ['ab', 'ab'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['a\u200db', 'a\\u200db'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['क्\u200dष', 'क्\u200dष'],
    ['a\u202eb', 'a\\u202eb'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
    ['a\u200bb', 'a\\u200bb'],
    ['a\ufeffb', 'a\\ufeffb'],
    ['\x1b[2J', '\\u001b[2J'],
    ['a\u2028b', 'a\\u2028b'],
    ['\ud800', '\\ud800'],
    ['👩\u200d', '👩\\u200d'],
    ['\u200d👧', '\\u200d👧'],
  ])('%j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('stdout', () => {
  const list = '"$NODE" "$CLI" list';
  const FULL = "stdout: can't be written: the disk is full; the output is not complete";
  /** Each way to write. */
  const commands = [
    'list',
    'list --output table',
    'list --output tsv',
    'list --output json',
    'get tag-1',
    '--help',
    'help mock',
    '--version',
    'completion bash',
    'delete tag-1 --dry-run',
    'check',
  ];
  test.each(commands)('on a full disk is an error, and none if its reader has gone away: %s', async (command) => {
    const run = (stdoutError: 'ENOSPC' | 'EPIPE') => cli(command.split(' '), { env: server.env, stdoutError });
    expect(await run('ENOSPC')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(FULL) });
    expect(await run('EPIPE')).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
  });

  test.skipIf(!existsSync('/dev/full'))('that is /dev/full is one', async () => {
    expect(await shell(`${list} > /dev/full`)).toEqual({ code: 1, stdout: '', stderr: `error: ${FULL}\n` });
  });

  test('that is a pipe whose reader has gone away is none', async () => {
    const { stderr, stdout } = await shell(`{ ${list}; echo "code $?" >&2; } | true`);
    expect({ stderr, stdout }).toEqual({ stderr: 'code 0\n', stdout: '' });
  });

  test('into a file that gets full in the middle of a write is an error', async () => {
    const { code, stderr } = await shell(`ulimit -f 3; ${list} > list.txt`);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: stdout: can't be written: the file would become too large; the output is not complete\n",
    });
  });

  test('into a file has every row, after what is there', async () => {
    expect((await shell(`{ echo x; ${list}; } > all.txt && wc -l < all.txt`)).stdout.trim()).toBe('3001');
  });

  test('an error of an import whose output has no place says what was done', async () => {
    await file('one.json', JSON.stringify({ 'tag-1': value('new') }));
    const args = ['import', 'one.json', '--output', 'json'];
    const { code, stderr } = await cli(args, { env: server.env, stdoutError: 'ENOSPC' });
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("stdout: can't be written"),
    });
  });

  test('stderr whose reader has gone away is no error', async () => {
    expect((await shell(`${list} -v 2> >(true) | wc -l`)).stdout.trim()).toBe('3000');
  });
});

describe('--output json: an error is one object on stderr', () => {
  const parsed = async (args: string[], env: Record<string, string> = server.env) => {
    const { code, stdout, stderr } = await cli(args, { env });
    const error = JSON.parse(stderr);
    expect(error.exitCode).toBe(code);
    return { stdout, error };
  };

  test('of the client, with its fields', async () => {
    const { error, stdout } = await parsed(['get', 'nosuch', '--output', 'json']);
    expect(stdout).toBe('');
    expect(error).toEqual({
      error: 'get("nosuch"): 404 NOT_FOUND Secret not found',
      exitCode: 5,
      status: 404,
      type: 'NOT_FOUND',
      kind: 'not-found',
      outcome: 'rejected',
      operation: 'secrets.get',
      requestId: expect.any(String),
    });
  });

  test.each<[string, string[], Record<string, string> | undefined, object]>([
    [
      'no connection',
      ['list'],
      { CORTEX_API_KEY: 'c4nary', CORTEX_BASE_URL: 'http://127.0.0.1:2' },
      { exitCode: 1, kind: 'network', outcome: 'not-sent', details: [expect.any(String), expect.any(String)] },
    ],
    ['no key', ['list'], {}, { exitCode: 4, error: expect.stringContaining('no API key') }],
    ['an unknown command', ['lst'], undefined, { exitCode: 2, error: 'unknown command "lst"; did you mean list?' }],
    [
      'an unknown option',
      ['list', '--nosuch'],
      undefined,
      { exitCode: 2, details: ['Run "cortex-secrets list --help".'] },
    ],
    ['a missing argument', ['get'], undefined, { exitCode: 2 }],
    ['a value as an argument', ['set', 'a', 'c4nary'], undefined, { exitCode: 2 }],
    ['a missing file', ['import', 'nofile.env'], undefined, { exitCode: 2 }],
    [
      'a file with problems',
      ['import', 'problems.env'],
      undefined,
      { exitCode: 2, details: [expect.stringContaining('problems.env:1')] },
    ],
    ['a limit', ['delete', '--prefix', 'tag', '-y'], undefined, { exitCode: 1 }],
    ['a question', ['delete', 'tag-1'], undefined, { exitCode: 8 }],
    ['contradicting options', ['list', '-q', '-v'], undefined, { exitCode: 2 }],
  ])('%s', async (_, args, env, expected) => {
    await file('problems.env', 'A=\n');
    expect((await parsed([...args, '--output', 'json'], env)).error).toMatchObject(expected);
  });

  test.each([['lst'], ['list', '--nosuch'], ['get'], ['get', 'nosuch']])(
    'wherever the option stands, and with ndjson: %s %s',
    async (...args) => {
      const given = args.filter((arg) => arg !== undefined);
      for (const form of [
        ['--output=json', ...given],
        [...given, '--output', 'ndjson'],
      ])
        expect((await parsed(form)).error.exitCode).toBeGreaterThan(0);
    },
  );

  test('of several secrets, with that of each', async () => {
    const { error, stdout } = await parsed(['delete', 'no1', 'no2', '-y', '--output', 'json']);
    expect(error).toMatchObject({ error: 'delete: 2 failed', exitCode: 5 });
    expect(error.errors.map(({ error }: { error: string }) => error).sort()).toEqual([
      'delete("no1"): 404 NOT_FOUND Secret not found',
      'delete("no2"): 404 NOT_FOUND Secret not found',
    ]);
    expect(JSON.parse(stdout)).toHaveLength(2);
  });

  test('and without one stderr is empty', async () => {
    expect(await cli(['get', 'tag-1', '--output', 'json'], { env: server.env })).toMatchObject({ code: 0, stderr: '' });
  });
});

test('help fits into narrow terminals', () => {
  const text =
    'One two three four five six seven eight nine ten eleven.\nTwelve thirteen.\n\n  cortex-secrets list --example\n\nCodes:\n  0  done';
  expect(fitted(text, 80)).toBe(text);
  expect(fitted(text, 30)).toBe(
    'One two three four five six\nseven eight nine ten eleven.\nTwelve thirteen.\n\n  cortex-secrets list --example\n\nCodes:\n  0  done',
  );
});
