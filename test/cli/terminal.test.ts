/** The command line on a pseudo-terminal: prompts, tables, progress, Ctrl+C. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, test as always, beforeAll, describe, expect } from 'vitest';
import { HiddenInput } from '../../src/cli/values/prompt.js';
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
    ['a tab', ['a\tb\r'], 'a\tb'],
    ['Ctrl+D after text', ['a\x04'], 'a'],
    ['what comes after Enter', ['a\rb'], 'a'],
    ['several chunks', ['a', 'b', '\n'], 'ab'],
    ['control characters in a paste', ['\x1b[200~a\x03\r\nb\x1b[201~', '\r'], 'a\x03\n\nb'],
  ];
  test.each(keys)('%s', (_, chunks, expected) => {
    const input = new HiddenInput();
    expect(chunks.map((chunk) => input.type(chunk)).at(-1)).toBe('done');
    expect(input.text).toBe(expected);
  });

  test.each(['\x03', 'ab\x03', '\x04'])('%j interrupts', (text) => {
    expect(new HiddenInput().type(text)).toBe('interrupted');
  });
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
});

describe('import', () => {
  test('shows the secrets that --prune deletes, and asks', async () => {
    await file('one.json', JSON.stringify({ b: value('b') }));
    const args = ['import', 'one.json', '--prune', '--all'];
    const no = await run(args, [
      ['expect', '  a'],
      ['expect', 'Delete this secret for good? [y/N] '],
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
