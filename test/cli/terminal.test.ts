/** The command line on a pseudo-terminal: prompts, tables, progress, Ctrl+C. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, test as always, beforeAll, describe, expect, vi } from 'vitest';
import { createProgress } from '../../src/cli/bulk/progress.js';
import { createIo } from '../../src/cli/io.js';
import { HiddenInput } from '../../src/cli/values/hidden-input.js';
import { findPython } from '../mock/process.js';
import { cli, emptyFolder, file, onTerminal, pathOf, type Steps, startCortex, value } from './support.js';

const test = (await findPython()) ? always : always.skip;

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed: [{ tag: 'a', name: 'x'.repeat(100), secret: value('old'), id: 'se1' }] });
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});
const run = (args: string[], steps: Steps = []) => onTerminal(args, steps, server.env);
/** As on a terminal, but without one: for what depends on neither its modes nor its signals. */
const typed = async (args: string[], keys = '', env: Record<string, string> = server.env, columns = 80) => {
  const { code, stdout, stderr } = await cli(args, { env, stdin: keys, columns });
  return { code, stdout: shownText(stdout), stderr: shownText(stderr) };
};
const stored = () => server.cortex.storedValue('a');

// biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own sequences
const shownText = (text: string) => text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '');

describe('the hidden prompt', () => {
  const VALUE = value('typed é 😀');
  test('takes a value without showing it, and notes an invisible character at its edge', async () => {
    const { code, stdout } = await run(
      ['set', 'a'],
      [
        ['expect', 'Value (not shown): '],
        ['send', `${VALUE}\u200b\r`],
      ],
    );
    expect(code).toBe(0);
    expect(stored()).toBe(`${VALUE}\u200b`);
    expect(shownText(stdout)).toMatch(
      /^Value \(not shown\): \nthe prompt: the value ends with an invisible character.*\nTAG +NAME +ID\na +x+… +se1\n$/,
    );
  });

  test('is not shown without a key', async () => {
    const { code, stderr } = await typed(['set', 'a'], '', {});
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.not.stringContaining('Value') });
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

  test('a paste of several lines whose end marker is cut by a read, with time in between, is one value; other keys ring', async () => {
    const steps: Steps = [
      ['expect', '\x1b[?2004h'],
      ['send', '\x1b[20'],
      ['wait', '0.1'],
      ['send', `0~${value('one')}\rtwo\r\x1b[20`],
      ['wait', '0.1'],
      ['send', '1~\x1b[D'],
      ['expect', '\x07'],
      ['send', '\r'],
    ];
    expect((await run(['update', 'a'], steps)).code).toBe(0);
    expect(stored()).toBe(`${value('one')}\ntwo\n`);
  });

  test('a paste without its end says so after a while, and Ctrl+C cancels it: nothing is sent', async () => {
    const steps: Steps = [
      ['expect', '\x1b[?2004h'],
      ['send', '\x1b[200~half'],
      ['expect', 'The end of the paste has not arrived; Ctrl+C cancels'],
      ['send', '\x03'],
    ];
    expect((await run(['update', 'a'], steps)).code).toBe(130);
    expect(server.cortex.requests).toEqual([]);
  });
});

test('nobody is asked with CI=true or --no-input: as without a terminal', async () => {
  const asks: [string[], Record<string, string>][] = [
    [['delete', 'a'], { CI: 'true' }],
    [['delete', 'a', '--no-input'], {}],
    [['--no-input', 'set', 'a'], {}],
    [['update', 'a'], { CI: '1' }],
  ];
  for (const [args, more] of asks)
    expect(await typed(args, 'y\r', { ...server.env, ...more })).toEqual({
      code: 8,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*nobody can be asked.*\n$/),
    });
  expect(server.cortex.requests).toEqual([]);
});

describe('delete asks, and what follows a key that ends the question begins a line:', () => {
  const NOTHING = /^\nerror: delete: nothing was changed\n$/;
  test.each([
    ['y', 'y\r', 0, /^y\ndeleted a\n$/],
    ['n', 'n\r', 1, /^n\nerror: delete: nothing was changed\n$/],
    ['Enter', '\r', 1, NOTHING],
    ['Ctrl+D', '\x04', 1, NOTHING],
  ])('%s', async (_, keys, exitCode, expected) => {
    const { code, stderr } = await typed(['delete', 'a'], keys, { ...server.env, CI: 'false' });
    const [question, after] = stderr.split('? [y/N] ').slice(-2);
    expect({ code, question, after }).toEqual({
      code: exitCode,
      question: 'Delete "a" for good',
      after: expect.stringMatching(expected),
    });
    expect(stored() === undefined).toBe(exitCode === 0);
  });

  test('Ctrl+C', async () => {
    const steps: Steps = [
      ['expect', '[y/N] '],
      ['send', '\x03'],
    ];
    const { code, stdout } = await run(['delete', 'a'], steps);
    expect({ code, text: shownText(stdout) }).toEqual({
      code: 130,
      text: expect.stringMatching(/for good\? \[y\/N\] \nerror: interrupted\n$/),
    });
    expect(server.cortex.requests).toEqual([]);
  });

  test('for several, with their names', async () => {
    expect(await typed(['delete', 'a', 'b'], '\r')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ {2}a\n {2}b\nDelete these 2 secrets for good\? \[y\/N\] \n.*nothing was changed/),
    });
  });
});

describe('import', () => {
  test('a second Ctrl+C, which ends an import at once', async () => {
    const slow = await startCortex();
    await file('held.json', JSON.stringify({ x: value('x') }));
    const when = () => {
      writeFileSync(pathOf('sent'), '');
      return true;
    };
    slow.cortex.fail('create', 'hang after processing', { when });
    const steps: Steps = [
      ['expect', 'import: 0 of 1 done'],
      ['file', pathOf('sent')],
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

  test('shows the secrets that --prune deletes, and asks', async () => {
    await file('one.json', JSON.stringify({ b: value('b') }));
    const args = ['import', 'one.json', '--prune', '--all'];
    const no = await typed(args, '\r');
    expect(no).toMatchObject({ code: 1, stderr: expect.stringContaining('Delete "a" for good? [y/N] ') });
    expect(server.cortex.storedValue('b')).toBeUndefined();
    expect(await typed(args, 'yes\r')).toMatchObject({ code: 0 });
    expect(stored()).toBeUndefined();
  });

  test('redraws one progress line, and removes it at the end', async () => {
    const slow = await startCortex({ latencyMs: 150 });
    const requests = (tag: string) => slow.cortex.requests.filter((request) => request.tag === tag).length;
    const when = ({ tag }: { tag?: string | undefined }) => tag === 't9' && requests('t9') === 1;
    slow.cortex.fail('create', { status: 429, retryAfter: 1 }, { when });
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}`, value(i)]));
    await file('thirty.json', JSON.stringify(many));
    const { code, stdout } = await onTerminal(['import', 'thirty.json'], [], { ...slow.env, TERMINAL_COLUMNS: '40' });
    expect(code).toBe(0);
    const lines = stdout.split('\r\x1b[K');
    for (const line of lines) expect(line.trimEnd().length).toBeLessThan(40);
    expect(lines).toContain('import 0/30');
    expect(lines).toContainEqual(expect.stringMatching(/^import \d+\/30, paused 1 s$/));
    expect(lines.at(-1)).toBe('import: 30 created\r\n');
    await slow.close();
  });

  test.each([
    [40, ['import 0/30', 'import 10/30, 1 failed, 4 s left', 'import 10/30, 1 failed, paused 9 s', 'stopping']],
    [
      80,
      [
        'import: 0 of 30 done',
        'import: 10 of 30 done, 1 failed, 5.0/s, 4 s left',
        'import: 10 of 30 done, 1 failed, paused 9 s by the rate limit',
        'waiting for requests in flight',
      ],
    ],
  ])('the progress line in %i columns', (columns, [start, rate, paused, stopping]) => {
    vi.useFakeTimers();
    const shown: string[] = [];
    const io = { ...createIo({}), columns, canRedraw: true, progress: (text: string) => void shown.push(text) };
    const progress = createProgress(io, 'import', 30);
    for (let i = 0; i < 10; i++) progress.add(i === 0);
    vi.advanceTimersByTime(2000);
    progress.paused(9000);
    vi.advanceTimersByTime(100);
    progress.stopping();
    progress.end();
    vi.useRealTimers();
    expect(shown).toEqual(expect.arrayContaining([start, rate, paused, expect.stringContaining(String(stopping))]));
    expect(shown.at(-1)).toBe('');
  });
});

test('a table has a bold header, and at 40 columns nothing that people copy is cut', async () => {
  const narrow = { ...server.env, TERMINAL_COLUMNS: '40' };
  const { stdout } = await onTerminal(['list'], [], narrow);
  expect(stdout).toContain('\x1b[1m');
  expect(shownText(stdout)).toMatch(/^TAG {2}NAME +ID\na {4}x{28,}… {2}se1\n$/);
  const { stdout: details } = await typed(['check'], '', server.env, 40);
  expect(details).toContain(`DETAIL  ${server.env.CORTEX_BASE_URL} (CORTEX_BASE_URL)\n`);
});

test('help fits into 40 columns', async () => {
  const helpOf = async (...command: string[]) => (await typed([...command, '--help'], '', {}, 40)).stdout;
  const texts = [await helpOf()];
  for (const [, name = ''] of String(texts[0]).matchAll(/^ {2}([a-z]+)\b/gm)) texts.push(await helpOf(name));
  expect(texts.length).toBeGreaterThan(10);
  // Examples are there to be copied.
  for (const line of texts.join('\n').split('\n'))
    if (!/^(Usage:| {2}.*cortex-secrets)/.test(line) && !/^"?[a-z, "{}]*faults?/i.test(line))
      expect(line.length, line).toBeLessThanOrEqual(40);
});
