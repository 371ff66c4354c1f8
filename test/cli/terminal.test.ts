/** The command line on a pseudo-terminal: prompts, tables, progress, Ctrl+C. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, test as always, beforeAll, describe, expect } from 'vitest';
import { HiddenInput } from '../../src/cli/values/hidden-input.js';
import { unavailable } from '../mock/process.js';
import { file, onTerminal, pathOf, removeFolder, type Steps, startCortex, textOf, value } from './support.js';

const test = (await unavailable('python3', '--version')) ? always.skip : always;

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed: [{ tag: 'a', name: 'x'.repeat(100), secret: value('old'), id: 'se1' }] });
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await removeFolder();
});
const run = (args: string[], steps: Steps = []) => onTerminal(args, steps, server.env);
const stored = () => server.cortex.storedValue('a');

// biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own sequences
const shownText = (text: string) => text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '');

describe('the hidden prompt', () => {
  const VALUE = value('typed é 😀');
  test('takes a value without showing it', async () => {
    const { code, stdout } = await run(
      ['set', 'a'],
      [
        ['expect', 'Value (not shown): '],
        ['send', `${VALUE}\r`],
      ],
    );
    expect(code).toBe(0);
    expect(stored()).toBe(VALUE);
    expect(shownText(stdout)).toMatch(/^Value \(not shown\): \nTAG +NAME +ID\na +x+… +se1\n$/);
  });

  test('takes a paste of several lines as one value', async () => {
    const steps: Steps = [
      ['expect', '\x1b[?2004h'],
      ['send', `\x1b[200~${value('one')}\rtwo\x1b[201~\r`],
    ];
    expect((await run(['update', 'a'], steps)).code).toBe(0);
    expect(stored()).toBe(`${value('one')}\ntwo`);
  });

  test('ends with 130 at Ctrl+C, and sends nothing', async () => {
    const { code } = await run(
      ['create', 'c'],
      [
        ['expect', 'Value'],
        ['send', `${value('half')}\x03`],
      ],
    );
    expect(code).toBe(130);
    expect(server.cortex.requests).toEqual([]);
  });

  test('is not shown without a key', async () => {
    const { code, stdout } = await onTerminal(['set', 'a'], []);
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.not.stringContaining('Value') });
  });

  const keys: [string, string[], string][] = [
    ['Backspace', ['ab\x7fc\r'], 'ac'],
    ['Backspace after an emoji', ['a😀\x7f\r'], 'a'],
    ['Ctrl+U', ['wrong\x15right\r'], 'right'],
    ['arrow keys', ['a\x1b[D\x1b[3~\x1bOAb\r'], 'ab'],
    ['Ctrl+W', ['one two  \x17three\r'], 'one three'],
    ['Ctrl+W with one word', ['one\x17\x17two\r'], 'two'],
    ['Alt+Backspace', ['one two\x1b\x7f\r'], 'one '],
    ['Backspace after an emoji of several', ['a👩‍👩‍👧\x7fb\r'], 'ab'],
    ['Backspace after a letter with an accent of its own', ['ae\u0301\x7fb\r'], 'ab'],
    ['a tab', ['a\tb\r'], 'a\tb'],
    ['Ctrl+D after text', ['a\x04'], 'a'],
    ['a newline of Windows', ['a\r\n'], 'a'],
    ['several chunks', ['a', 'b', '\n'], 'ab'],
    ['control characters in a paste', ['\x1b[200~a\x03\r\nb\x1b[201~', '\r'], 'a\x03\n\nb'],
  ];
  test.each(keys)('%s', (_, chunks, expected) => {
    const input = new HiddenInput();
    expect(chunks.map((chunk) => input.type(chunk)).at(-1)).toBe('done');
    expect(input.text).toBe(expected);
  });

  test.each(['\x03', 'ab\x03', '\x04', 'ab\x1c'])('%j interrupts', (text) => {
    expect(new HiddenInput().type(text)).toBe('interrupted');
  });

  describe('keys that it does not have ring, and are no part of the value:', () => {
    const unknown: [string, string][] = [
      ['Left', '\x1b[D'],
      ['Left of an application', '\x1bOD'],
      ['Shift+Left', '\x1b[1;2D'],
      ['Home', '\x1b[H'],
      ['End', '\x1b[4~'],
      ['Delete', '\x1b[3~'],
      ['F1', '\x1bOP'],
      ['F12', '\x1b[24~'],
      ['Alt+b', '\x1bb'],
      ['Alt+é', '\x1bé'],
      ['Alt+Enter', '\x1b\r'],
      ['Alt+Left with two escapes', '\x1b\x1b[D'],
      ['Ctrl+A', '\x01'],
      ['Ctrl+E', '\x05'],
      ['Ctrl+K', '\x0b'],
      ['Ctrl+L', '\x0c'],
      ['Ctrl+R', '\x12'],
      ['Ctrl+S', '\x13'],
      ['Ctrl+V', '\x16'],
      ['Ctrl+Y', '\x19'],
      ['Ctrl+]', '\x1d'],
      ['Ctrl+Space', '\0'],
      ['a C1 control', '\x9b'],
      ['Ctrl+I as xterm may send it', '\x1b[27;5;105~'],
      ['Ctrl+a as kitty may send it', '\x1b[97;5u'],
      ['a report of the cursor', '\x1b[12;40R'],
      ['a focus', '\x1b[I'],
    ];
    test.each(unknown)('%s, in one read and in two', (_, key) => {
      for (let cut = 0; cut < key.length; cut++) {
        let rings = 0;
        const input = new HiddenInput(() => rings++);
        for (const chunk of [`a${key.slice(0, cut)}`, `${key.slice(cut)}b`]) expect(input.type(chunk)).toBeUndefined();
        expect(input.type('\r')).toBe('done');
        expect({ text: input.text, hasRung: rings > 0 }).toEqual({ text: 'ab', hasRung: true });
      }
    });

    test('a sequence that another key breaks rings, and Enter with it does not end the prompt', () => {
      let rings = 0;
      const input = new HiddenInput(() => rings++);
      expect(input.type('a\x1b[2\r')).toBeUndefined();
      expect(rings).toBe(1);
      expect(input.type('\x1b[\x03')).toBe('interrupted');
    });

    test('the escape key alone rings after a pause, and takes no letter with it', () => {
      let rings = 0;
      const input = new HiddenInput(() => rings++);
      input.type('a\x1b');
      expect(input.isWaiting).toBe(true);
      input.pause();
      expect(rings).toBe(1);
      input.type('b');
      expect(input.text).toBe('ab');
    });
  });

  describe('a paste', () => {
    const START = '\x1b[200~';
    const END = '\x1b[201~';
    const all = (chunks: readonly string[]) => {
      const input = new HiddenInput();
      const ends = chunks.map((chunk) => input.type(chunk));
      return { text: input.text, end: ends.at(-1), early: ends.slice(0, -1).find((end) => end !== undefined) };
    };

    test('is whole wherever reads cut it', () => {
      const sent = `x${START}one\r\x1b[31mtwo\x03\t${END}y\r`;
      for (let first = 0; first < sent.length - 1; first++)
        for (let second = first; second < sent.length - 1; second++)
          expect(all([sent.slice(0, first), sent.slice(first, second), sent.slice(second)])).toEqual({
            text: 'xone\n\x1b[31mtwo\x03\ty',
            end: 'done',
            early: undefined,
          });
    });

    test('is whole if each read has one character, and after a pause in the start marker', () => {
      expect(all([...`${START}a${END}\r`])).toEqual({ text: 'a', end: 'done', early: undefined });
      const input = new HiddenInput();
      input.type('\x1b');
      input.pause();
      for (const chunk of ['[20', '0~a\rb', END, '\r']) input.type(chunk);
      expect(input.text).toBe('a\nb');
    });

    test.each([4086, 4090, 4096, 5000, 8180])('of %i characters is whole in reads of 4096', (length) => {
      const sent = `${START}${'é'.repeat(length)}${END}\r`;
      const chunks = sent.match(/[\s\S]{1,4096}/g) ?? [];
      expect(all(chunks)).toMatchObject({ text: 'é'.repeat(length), end: 'done' });
    });

    test('without its end marker is cancelled by Ctrl+C after a pause', () => {
      const input = new HiddenInput();
      expect(input.type(`${START}a\r`)).toBeUndefined();
      expect(input.type('\r')).toBeUndefined();
      expect(input.type('\x03')).toBeUndefined(); // may be a part of it
      expect(input.isWaiting).toBe(true);
      input.pause();
      expect(input.type('\x03')).toBe('interrupted');
    });

    test('of several lines that a terminal does not mark is no value of one line', () => {
      expect(all(['one\rtwo\r']).end).toBe('several lines');
      expect(all(['one\r\rtwo']).end).toBe('several lines');
    });
  });

  test('Ctrl+Z stops the job, the shell gets what is typed meanwhile, and fg goes on', async () => {
    const { code } = await onTerminal(
      ['set', 'a'],
      [
        ['expect', 'Value (not shown): '],
        ['send', 'ab cd\x1a'],
        ['expect', 'Stopped'],
        ['send', 'echo in-the-shell-$((1+1)); fg\r'],
        ['expect', 'in-the-shell-2'],
        ['expect', 'Value (not shown): '],
        ['send', 'ef\x17gh\r'],
        ['expect', 'se1'],
        ['send', 'exit 7\r'],
      ],
      server.env,
      () => {},
      'shell',
    );
    expect(code).toBe(7);
    expect(stored()).toBe('ab gh');
  });

  test('Ctrl+Z without a shell that could continue the job goes on', async () => {
    const steps: Steps = [
      ['expect', 'Value (not shown): '],
      ['send', 'ab\x1a'],
      ['expect', 'Value (not shown): '],
      ['send', 'cd\r'],
    ];
    expect((await run(['set', 'a'], steps)).code).toBe(0);
    expect(stored()).toBe('abcd');
  });

  test('a paste whose end marker is cut by a read, with time in between, is stored; other keys ring', async () => {
    const steps: Steps = [
      ['expect', '\x1b[?2004h'],
      ['send', '\x1b[20'],
      ['wait', '0.1'],
      ['send', `0~${value('one')}\r\x1b[20`],
      ['wait', '0.1'],
      ['send', '1~\x1b[D'],
      ['expect', '\x07'],
      ['send', '\r'],
    ];
    expect((await run(['update', 'a'], steps)).code).toBe(0);
    expect(stored()).toBe(`${value('one')}\n`);
  });

  test('a paste without its end says so after a while, and Ctrl+C cancels it', async () => {
    const steps: Steps = [
      ['expect', '\x1b[?2004h'],
      ['send', '\x1b[200~half'],
      ['expect', 'The end of the paste has not arrived; Ctrl+C cancels'],
      ['send', '\x03'],
    ];
    expect((await run(['update', 'a'], steps)).code).toBe(130);
  });

  test('an invisible character at the edge of a typed value is noted', async () => {
    const { code, stdout } = await run(
      ['set', 'a'],
      [
        ['expect', 'Value'],
        ['send', 'x\u200b\r'],
      ],
    );
    expect({ code, text: shownText(stdout) }).toEqual({
      code: 0,
      text: expect.stringContaining('the prompt: the value ends with an invisible character'),
    });
  });
});

test('nobody is asked with CI=true or --no-input: as without a terminal', async () => {
  const asks: [string[], Record<string, string>][] = [
    [['delete', 'a'], { CI: 'true' }],
    [['delete', 'a', '--no-input'], {}],
    [['--no-input', 'set', 'a'], {}],
    [['update', 'a'], { CI: '1' }],
  ];
  for (const [args, more] of asks) {
    const { code, stdout } = await onTerminal(args, [], { ...server.env, ...more });
    expect({ args, code, text: shownText(stdout) }).toEqual({
      args,
      code: 8,
      text: expect.stringMatching(/^error: .*nobody can be asked.*\n$/),
    });
  }
  expect(server.cortex.requests).toEqual([]);
  const asked = await onTerminal(
    ['delete', 'a'],
    [
      ['expect', '[y/N] '],
      ['send', 'n\r'],
    ],
    { ...server.env, CI: 'false' },
  );
  expect(asked.code).toBe(1);
});

describe('what follows a key that ends a question begins a line:', () => {
  test.each([
    ['Ctrl+C', '\x03', 130, /for good\? \[y\/N\] \r?\nerror: interrupted\r?\n$/],
    ['Ctrl+D', '\x04', 1, /for good\? \[y\/N\] \r?\nerror: delete: nothing was changed\r?\n$/],
    ['Enter', '\r', 1, /for good\? \[y\/N\] \r?\nerror: delete: nothing was changed\r?\n$/],
  ])('%s', async (_, key, exitCode, shown) => {
    const steps: Steps = [
      ['expect', '[y/N] '],
      ['send', key],
    ];
    const { code, stdout } = await run(['delete', 'a'], steps);
    expect({ code, text: shownText(stdout) }).toEqual({ code: exitCode, text: expect.stringMatching(shown) });
  });

  test('a second Ctrl+C, which ends an import at once', async () => {
    const slow = await startCortex();
    const release = slow.hold();
    await file('held.json', JSON.stringify({ x: value('x') }));
    // The list is held, and the create after it.
    setTimeout(release, 0);
    slow.cortex.fail('create', 'hang after processing');
    const steps: Steps = [
      ['expect', 'import: 0 of 1 done'],
      ['wait', '1'],
      ['send', '\x03'],
      ['expect', 'waiting for requests in flight'],
      ['send', '\x03'],
    ];
    const { code, stdout } = await onTerminal(['import', 'held.json'], steps, slow.env);
    expect(code).toBe(130);
    // Nothing of the progress line is left before it.
    const [last = ''] = stdout.split('\r\x1b[K').slice(-1);
    expect(shownText(last)).toBe('error: import: stopped at once; requests in flight may have been processed\n');
    await slow.close();
  });
});

test('at 40 columns nothing that people copy is cut, and help and progress fit', async () => {
  const narrow = { ...server.env, TERMINAL_COLUMNS: '40' };
  const { stdout } = await onTerminal(['list'], [], narrow);
  expect(shownText(stdout)).toMatch(/^TAG {2}NAME +ID\na {4}x{28,}… {2}se1\n$/);
  const checked = await onTerminal(['check'], [], narrow);
  expect(shownText(checked.stdout)).toContain(`DETAIL  ${server.env.CORTEX_BASE_URL} (CORTEX_BASE_URL)\n`);
  for (const args of [['--help'], ['import', '--help'], ['mock', '--help']]) {
    const help = await onTerminal(args, [], narrow);
    // Examples are there to be copied.
    for (const line of shownText(help.stdout).split('\n'))
      if (!/^(Usage:| {2}(cortex-secrets|eval|source))/.test(line) && !/^"?[a-z, "{}]*faults?/i.test(line))
        expect(line.length, line).toBeLessThanOrEqual(40);
  }
  const slow = await startCortex({ latencyMs: 100 });
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, value(i)]));
  await file('narrow.json', JSON.stringify(many));
  const bulk = await onTerminal(['import', 'narrow.json'], [], { ...slow.env, TERMINAL_COLUMNS: '40' });
  expect(bulk.stdout).toContain('import 0/40');
  for (const line of bulk.stdout.split('\r\x1b[K')) expect(line.trimEnd().length).toBeLessThan(40);
  await slow.close();
});

test('a table fits into the terminal, with a bold header', async () => {
  const { stdout } = await run(['list']);
  expect(stdout).toContain('\x1b[1m');
  for (const line of shownText(stdout).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

describe('delete asks', () => {
  test.each([
    ['y\r', 0],
    ['\r', 1],
    ['n\r', 1],
    ['\x03', 130],
  ])('and %j ends with %i', async (reply, exitCode) => {
    const { code } = await run(
      ['delete', 'a'],
      [
        ['expect', 'Delete "a" for good? [y/N] '],
        ['send', reply],
      ],
    );
    expect(code).toBe(exitCode);
    expect(stored() === undefined).toBe(exitCode === 0);
  });

  test('for several, with their names', async () => {
    const { code, stdout } = await run(
      ['delete', 'a', 'b'],
      [
        ['expect', '  a\r\n  b\r\nDelete these 2 secrets for good? [y/N] '],
        ['send', '\r'],
      ],
    );
    expect(code).toBe(1);
    expect(shownText(stdout)).toContain('nothing was changed');
  });
});

describe('import', () => {
  test('shows the secrets that --prune deletes, and asks', async () => {
    await file('one.json', JSON.stringify({ b: value('b') }));
    const args = ['import', 'one.json', '--prune', '--all'];
    const no = await run(args, [
      ['expect', 'Delete "a" for good? [y/N] '],
      ['send', '\r'],
    ]);
    expect(no.code).toBe(1);
    expect(server.cortex.storedValue('b')).toBeUndefined();
    const yes = await run(args, [
      ['expect', '[y/N] '],
      ['send', 'yes\r'],
    ]);
    expect(yes.code).toBe(0);
    expect(stored()).toBeUndefined();
  });

  test('redraws one progress line, and removes it at the end', async () => {
    const slow = await startCortex({ latencyMs: 150 });
    slow.cortex.fail(
      'create',
      { status: 429, retryAfter: 1 },
      { when: ({ tag }) => tag === 't9' && requests('t9') === 1 },
    );
    const requests = (tag: string) => slow.cortex.requests.filter((request) => request.tag === tag).length;
    await file(
      'thirty.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}`, value(i)]))),
    );
    const { code, stdout } = await onTerminal(['import', 'thirty.json'], [], slow.env);
    expect(code).toBe(0);
    const [redrawn = '', summary, ...rest] = stdout.split('\r\n');
    expect(
      redrawn
        .split('\r\x1b[K')
        .map((line) => line.length)
        .sort((a, b) => b - a)[0],
    ).toBeLessThan(80);
    expect(redrawn).toContain('import: 0 of 30 done');
    expect(redrawn).toMatch(/import: \d+ of 30 done, paused 1 s by the rate limit/);
    expect(redrawn.endsWith('\r\x1b[Kimport: 30 created')).toBe(true);
    expect([summary, ...rest]).toEqual(['']);
    await slow.close();
  });

  test('ends with 130 at Ctrl+C, after the requests in flight', async () => {
    const slow = await startCortex();
    await file(
      'forty.json',
      JSON.stringify(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, value(i)]))),
    );
    const steps: Steps = [
      ['expect', 'import: 0 of 40 done'],
      ['file', pathOf('first-create')], // what is shown is drawn before a request is sent
      ['send', '\x03'],
      ['expect', 'waiting for requests in flight'],
    ];
    // No response ends before the signal has been handled.
    let release = () => {};
    const hold = () => {
      release = slow.hold();
      writeFileSync(pathOf('first-create'), '');
      return false;
    };
    slow.cortex.fail('create', { status: 500 }, { when: hold });
    const args = ['import', 'forty.json', '--report', 'forty.ndjson'];
    const { code, stdout } = await onTerminal(args, steps, slow.env, (shown) => {
      if (shown.includes('waiting for requests in flight')) release();
    });
    expect(code).toBe(130);
    expect(shownText(stdout)).toMatch(
      // Calls that had not sent their request yet are interrupted.
      /import interrupted: \d+ created, (\d+ interrupted, )?\d+ not tried; --resume forty.ndjson does the rest\n$/,
    );
    const done = (await textOf('forty.ndjson')).split('\n').filter((line) => line.includes('"done"')).length;
    await slow.close(); // the process has ended, and each connection: nothing more arrives
    expect(slow.cortex.requests.filter(({ operation }) => operation === 'create')).toHaveLength(done);
  });
});
