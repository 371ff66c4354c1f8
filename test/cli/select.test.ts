/** --only, --except, --lower-case, --replace-dashes, --prune-excluded, --rate-limit and --summary. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { matchesGlob } from '../../src/cli/import/select.js';
import { limiterOptions, parseRateLimit } from '../../src/cli/rate-limit.js';
import { cli, emptyFolder, file, startCortex, textOf, value } from './support.js';

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({
    seed: [
      { tag: 'app_db_host', secret: value('old') },
      { tag: 'app_cache_url', secret: value('old') },
      { tag: 'app_gone', secret: value('old') },
    ],
  });
  await file(
    'all.env',
    `DB_HOST='${value(1)}'\nDB_PASSWORD='${value(2)}'\nCACHE_URL='${value(3)}'\nbad.key=x\nEMPTY=\n`,
  );
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});
type Options = NonNullable<Parameters<typeof cli>[1]>;
const run = (args: string[], options: Options = {}) =>
  cli(['import', ...args], { ...options, env: { ...server.env, ...options.env } });

describe('names', () => {
  test('--lower-case and --prefix make the tags that templates want', async () => {
    const { stdout } = await run(['all.env', '--lower-case', '--prefix', 'app_', '--only', 'DB_*', '--dry-run']);
    expect(stdout).toBe('update\tapp_db_host\ncreate\tapp_db_password\n');
  });

  test('--replace-dashes leaves the prefix as it is', async () => {
    await file('dashes.json', JSON.stringify({ 'a-b-c': 'c4nary', D_e: 'c4nary' }));
    const args = ['dashes.json', '--replace-dashes', '--prefix', 'my-app-', '--dry-run'];
    expect((await run(args)).stdout).toBe('create\tmy-app-a_b_c\ncreate\tmy-app-D_e\n');
  });

  test.each([
    ['env', "Db='c4nary'\nx='1'\nDB='c4nary'\n", 'both.env:3:1: becomes the same tag as the key on line 1'],
    ['json', '{"Db": "c4nary",\n"DB": "c4nary"}', 'both.json:2:1: becomes the same tag as the key on line 1'],
    ['yaml', 'Db: c4nary\nDB: c4nary\n', 'both.yaml:2:1: becomes the same tag as the key on line 1'],
  ])('two keys of a %s file that become one tag are an error with both lines', async (format, content, message) => {
    await file(`both.${format}`, content);
    expect(await run([`both.${format}`, '--lower-case'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
    expect(server.cortex.requests).toEqual([]);
  });
});

describe('--only and --except', () => {
  test('see the keys without the prefix, and what they leave out need not be right', async () => {
    const { code, stdout } = await run([
      'all.env',
      '--except',
      'bad.*',
      '--except',
      'EMPTY',
      '--dry-run',
      '--prefix',
      'DB_',
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'create\tDB_DB_HOST\ncreate\tDB_DB_PASSWORD\ncreate\tDB_CACHE_URL\n',
    });
  });

  test('--except goes before --only', async () => {
    expect((await run(['all.env', '--only', '*', '--except', '[!D]*', '--dry-run'])).stdout).toBe(
      'create\tDB_HOST\ncreate\tDB_PASSWORD\n',
    );
  });

  test.each(['json', 'yaml'])('leave out values of a %s file that are no strings', async (format) => {
    const content = { DB: 'c4nary', Logging: { Level: 'x' }, port: 5 };
    await file(`settings.${format}`, JSON.stringify(content));
    expect((await run([`settings.${format}`, '--only', 'DB', '--dry-run'])).stdout).toBe('create\tDB\n');
    await file(
      `list.${format}`,
      JSON.stringify([
        { tag: 'DB', secret: 'c4nary' },
        { tag: 'x', secret: 5 },
      ]),
    );
    expect((await run([`list.${format}`, '--only', 'DB', '--dry-run'])).stdout).toBe('create\tDB\n');
  });

  test('a glob that matches no key is warned of; none that is left is an error', async () => {
    expect((await run(['all.env', '--only', 'DB_*', '--only', 'TYPO_*', '--dry-run'])).stderr).toMatch(
      /^warning: no key of all\.env matches "TYPO_\*"\n/,
    );
    expect(await run(['all.env', '--only', 'app_*'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'has no secrets that --only and --except leave; they see its keys without --prefix',
      ),
    });
  });

  test('what they leave out is not pruned, unless --prune-excluded says so, and the plan says what prune sees', async () => {
    const args = ['all.env', '--lower-case', '--prefix', 'app_', '--only', 'DB_*', '--prune', '--dry-run'];
    expect(await run(args)).toMatchObject({
      stdout: 'update\tapp_db_host\ncreate\tapp_db_password\ndelete\tapp_gone\n',
      stderr:
        'prune sees 3 secrets within "app_": 1 in the file, 1 left out by --only or --except, and kept, 1 to delete\n' +
        'plan: 1 to create, 1 to update, 1 to delete; nothing was changed\n',
    });
    expect((await run([...args, '--prune-excluded'])).stdout).toContain('delete\tapp_cache_url\n');
    expect(await run(['all.env', '--prune-excluded'])).toMatchObject({ code: 2 });
  });
});

describe('a glob', () => {
  test.each<[string, string[], string[]]>([
    ['*', ['', 'a', 'A_B'], []],
    ['DB_*', ['DB_', 'DB_HOST'], ['db_host', 'ADB_', 'DB']],
    ['*_KEY', ['_KEY', 'API_KEY', 'A_KEY_KEY'], ['API_KEYS', 'KEY']],
    ['*A*B*', ['AB', 'xAyBz', 'AAABBB'], ['BA', 'A', 'B']],
    ['?', ['a', '*'], ['', 'ab']],
    ['A?C', ['ABC', 'A-C'], ['AC', 'ABBC']],
    ['[AB]_X', ['A_X', 'B_X'], ['C_X', '_X']],
    ['[A-C]1', ['A1', 'C1'], ['D1', '-1']],
    ['[!A-C]1', ['D1', '-1'], ['A1']],
    ['[A-]', ['A', '-'], ['B']],
    ['[', ['['], ['a']],
    ['[]', ['[]'], ['a']],
    ['a.b', ['a.b'], ['axb']],
    ['a+b', ['a+b'], ['aab']],
    ['{a,b}', ['{a,b}'], ['a']],
    ['', [''], ['a']],
  ])('%j', (glob, matching, others) => {
    expect(matching.filter((text) => !matchesGlob(glob, text))).toEqual([]);
    expect(others.filter((text) => matchesGlob(glob, text))).toEqual([]);
  });

  test('takes no time that grows with its stars', () => {
    const started = performance.now();
    expect(matchesGlob(`${'*a'.repeat(30)}b`, 'a'.repeat(5000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('--rate-limit', () => {
  test.each([
    ['500/60', { requests: 500, seconds: 60 }],
    ['500', { requests: 500, seconds: 60 }],
    [' 1/1 ', { requests: 1, seconds: 1 }],
    ['3/60', { requests: 3, seconds: 60 }],
  ])('takes %j', (text, expected) => {
    expect(parseRateLimit(text)).toEqual(expected);
  });

  test.each(['', '0', '0/60', '5/0', '-1/60', '5/60/60', '1.5/60', 'x', '1e3/60', '5 / 60', '1/60', '9999999/60'])(
    'rejects %j',
    (text) => {
      expect(() => parseRateLimit(text)).toThrow(/^--rate-limit: must/);
    },
  );

  test('comes from CORTEX_RATE_LIMIT too, and the option goes first', async () => {
    vi.stubEnv('CORTEX_RATE_LIMIT', '7/60');
    expect(parseRateLimit(undefined)).toEqual({ requests: 7, seconds: 60 });
    expect(parseRateLimit('8/60')).toEqual({ requests: 8, seconds: 60 });
    vi.stubEnv('CORTEX_RATE_LIMIT', '');
    expect(parseRateLimit(undefined)).toBeUndefined();
    vi.unstubAllEnvs();
    expect(await run(['all.env', '--only', 'DB_*'], { env: { CORTEX_RATE_LIMIT: 'x' } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('CORTEX_RATE_LIMIT: must be REQUESTS/SECONDS'),
    });
  });

  test.each([
    [500, 60],
    [10, 1],
    [3, 60],
  ])('starts at most %i in any %i s, whoever asks', async (requests, seconds) => {
    vi.useFakeTimers();
    const { limiter, maxConcurrency = 0 } = limiterOptions({ requests, seconds });
    const starts: number[] = [];
    const worker = async () => {
      while (starts.length < requests * 3) {
        const asked = performance.now();
        await limiter?.acquire({});
        starts.push(performance.now());
        // Otherwise the client would send without the limiter.
        expect(performance.now() - asked).toBeLessThan(30_000);
      }
    };
    const work = Promise.all(Array.from({ length: maxConcurrency }, worker));
    await vi.advanceTimersByTimeAsync(seconds * 4000 + 30_000);
    await work;
    for (const [i, start] of starts.entries())
      expect((starts[i + requests] ?? Number.POSITIVE_INFINITY) - start).toBeGreaterThanOrEqual(seconds * 1000);
    vi.useRealTimers();
  });

  test('an attempt that is aborted stops waiting, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { limiter } = limiterOptions({ requests: 3, seconds: 60 });
    await limiter?.acquire({});
    const controller = new AbortController();
    const waiting = limiter?.acquire({ signal: controller.signal });
    const caught = expect(waiting).rejects.toBe('gone');
    await vi.advanceTimersByTimeAsync(0);
    controller.abort('gone');
    await caught;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('holds for all requests of an import, the list included', async () => {
    const arrivals: number[] = [];
    server.cortex.fail('any', { status: 500 }, { when: () => arrivals.push(performance.now()) < 0 });
    await file(
      'five.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`r${i}`, value(i)]))),
    );
    expect((await run(['five.json', '--rate-limit', '5/1'])).code).toBe(0);
    expect(arrivals).toHaveLength(6);
    // Five waits of 200 ms lie between them; requests take different times to arrive.
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(700);
  });
});

describe('--summary', () => {
  test('appends a table of what became of each secret, without values', async () => {
    await file('summary.md', '# before\n');
    server.cortex.fail('update', { status: 400, message: `${value(1)} | <b>` });
    const { code } = await run([
      'all.env',
      '--only',
      'DB_*',
      '--lower-case',
      '--prefix',
      'app_',
      '--summary',
      'summary.md',
      '--state',
      's',
    ]);
    expect(code).toBe(3);
    expect(await textOf('summary.md')).toBe(
      '# before\n### Cortex secrets\n\n1 created, 1 failed.\n\n| Tag | Action | Status | Outcome |\n| --- | --- | --- | --- |\n' +
        '| <code>app&#95;db&#95;host</code> | update | failed | rejected |\n| <code>app&#95;db&#95;password</code> | create | done | processed |\n\n',
    );
  });

  test('has the plan of a dry run, and tags that mean nothing in Markdown', async () => {
    const odd = await startCortex({ seed: [{ tag: 'x|<img src=x>`*\n', secret: 'c4nary' }] });
    await run(['all.env', '--only', 'DB_HOST', '--prune', '--all', '--dry-run', '--summary', 'plan.md'], {
      env: odd.env,
    });
    const text = await textOf('plan.md');
    expect(text).toContain('Plan: 1 to create, 1 to delete; nothing was changed.');
    expect(text).toContain('| <code>x&#124;&#60;img src=x&#62;&#96;&#42;&#92;u000a</code> | delete |');
    await odd.close();
  });

  test('says why nothing was done', async () => {
    expect((await run(['all.env', '--summary', 'failed.md'])).code).toBe(2);
    expect(await textOf('failed.md')).toMatch(
      /^### Cortex secrets\n\nFailed: import: the file has 2 problems; nothing was sent\n\n- all\.env:4:1: a tag may have/,
    );
    await run(['all.env', '--only', 'DB&#95;*', '--only', 'DB_*', '--summary', 'key.md'], {
      env: { CORTEX_API_KEY: 'c4nary-wrong' },
    });
    expect(await textOf('key.md')).toMatch(/Failed: list: 401 .*/);
  });

  test('that can not be written is an error', async () => {
    expect(await run(['all.env', '--only', 'DB_*', '--summary', 'no/x.md'])).toMatchObject({
      stderr: expect.stringContaining("--summary: can't write no/x.md: there is no such file or directory"),
    });
  });
});
