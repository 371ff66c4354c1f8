/**
 * Covers every block of code in docs/*.md: TypeScript compiles and runs against the in-memory Cortex, tests run in their
 * runner, and commands have the subcommands and options that the command line knows.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { blocksOf as blocksOfMarkdown } from '../../scripts/lib/docs/code-blocks.js';
import { guideFiles } from '../../scripts/lib/docs/guide-files.js';
import { createProgram } from '../../src/cli/program.js';
import { createSecretsClient, type KnownErrorKind, type Outcome } from '../../src/index.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { createFakeCortex } from '../../src/testing/index.js';
import { compilerMessages } from '../support/compile.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Pages whose blocks another test runs, besides those with a test of their own, `test/docs/NAME.test.ts`. */
const ELSEWHERE: Record<string, string> = {
  'plugins.md': 'test/pipeline/plugin-fetch.test.ts', // a package that can't be installed here: see its license
};

interface Block {
  page: string;
  language: string;
  code: string;
  /** The name of the file, if its first line is a comment that gives one. */
  file: string | undefined;
  line: number;
}

const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const textOf = (page: string) => readFileSync(join(root, 'docs', page), 'utf8');

function blocksOf(page: string): Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^```(\w*)(?: [^\n]*)?\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: code = '' }) => ({
      page,
      language,
      code,
      file: /^\/\/ ([\w.-]+\.\w+)\n/.exec(code)?.[1],
      line: text.slice(0, index).split('\n').length,
    }),
  );
}

const testElsewhere = (page: string) =>
  ELSEWHERE[page] ?? [`test/docs/${basename(page, '.md')}.test.ts`].find((path) => existsSync(join(root, path)));
const blocks = pages.filter((page) => !testElsewhere(page)).flatMap(blocksOf);
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
const titled = (list: Block[]) => list.map((block) => ({ ...block, title: `${block.page}, line ${block.line}` }));

test('every page is in the navigation, in one group', () => {
  const listed = guideFiles().flatMap(([, paths]) => paths.filter((path) => path.startsWith('docs/')));
  expect(listed.toSorted()).toEqual(pages.map((page) => `docs/${page}`).toSorted());
});

test('every page begins with its title, and has no other', () => {
  for (const page of pages) {
    const text = textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
    expect(text, page).toMatch(/^# \S/);
    expect(text.match(/^# /gm), page).toHaveLength(1);
  }
});

test('every block of code is of a language that is checked here, and every test elsewhere exists', () => {
  const known = ['ts', 'js', 'sh', 'yaml', 'json', 'groovy'];
  expect(blocks.filter(({ language }) => !known.includes(language)).map(({ page, line }) => `${page}:${line}`)).toEqual(
    [],
  );
  for (const path of Object.values(ELSEWHERE)) expect(existsSync(join(root, path)), path).toBe(true);
  expect(blocks.length).toBeGreaterThan(15);
});

test('every block of JavaScript and TypeScript runs in the docs page, or says why it does not', () => {
  const without: Record<string, string[]> = {};
  let runs = 0;
  for (const path of guideFiles().flatMap(([, paths]) => paths)) {
    for (const { isCode, noRun } of blocksOfMarkdown(readFileSync(join(root, path), 'utf8'))) {
      if (!isCode) continue;
      if (noRun) without[basename(path)] = [...(without[basename(path)] ?? []), noRun];
      else runs++;
    }
  }
  expect(without).toEqual({
    'contract-testing.md': [
      'needs a server and Vitest',
      'needs Jest',
      'needs a server and node:test',
      'needs a server, node:test and Ajv',
      'starts processes',
      'needs node:test and MSW',
    ],
    'jest.md': [
      'settings of Jest or Babel',
      'settings of Jest or Babel',
      'needs Jest',
      'settings of Jest or Babel',
      'settings of Jest or Babel',
      'needs Jest',
      'settings of Jest or Babel',
    ],
    'logging.md': ["imports a file of the reader's project"],
    'mock.md': ['needs the network of docker compose'],
    'networks.md': ['needs node:crypto'],
    'plugins.md': ['needs @cortexapps/plugin-core'],
    'retries.md': ['needs undici'],
    'rotate-from-ci.md': ['needs node:crypto'],
    'testing.md': ['a module that the tests below import', 'needs Vitest', 'needs node:test'],
  });
  expect(runs).toBeGreaterThan(15);
});

// Inside the project, so that imports of the package resolve.
const folder = mkdtempSync(join(root, 'test', 'docs', '.readme-'));
afterAll(() => rm(folder, { recursive: true }));
const programs = inLanguage('ts', 'js');
const fileOf = ({ file, page, line, language }: Block) => join(folder, file ?? `${page}-${line}.${language}`);
for (const block of programs) writeFileSync(fileOf(block), block.code);

test('TypeScript compiles, and JavaScript has no syntax error', async () => {
  expect(await compilerMessages(folder, programs.map(fileOf))).toBe('');
});

describe('TypeScript', () => {
  const seed = ['my-secret', 'database-password'].map((tag) => ({ tag, name: tag, secret: 'old' }));
  const { cortex, handleRequest } = createFake({ seed });
  let url: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' }));
  });
  afterAll(() => close());
  afterEach(() => {
    cortex.reset();
    process.exitCode = undefined;
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test.each(titled(inLanguage('ts')))('runs without an error: $title', async (block) => {
    vi.stubEnv('CORTEX_API_KEY', cortex.apiKey);
    vi.stubEnv('CORTEX_BASE_URL', url);
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    await import(fileOf(block));
    expect(error.mock.calls).toEqual([]);
  });
});

// Its tests become tests of this file.
describe('the tests for Vitest', () => import(/* @vite-ignore */ join(folder, 'rotate.test.js')));

test('the tests for node:test pass', () => {
  const { PATH } = process.env;
  const args = ['--test-reporter=tap', join(folder, 'rotate.node-test.js')];
  const output = execFileSync(process.execPath, args, { env: { PATH, HOME: folder }, encoding: 'utf8' });
  expect(output).toMatch(/^# pass 1$/m);
});

describe('commands', () => {
  const program = createProgram(() => {});
  const optionsOf = (command: Command) =>
    [...program.options, ...command.options].flatMap(({ long, short }) => [long, short]);

  test.each(titled(inLanguage('sh', 'yaml', 'groovy')))('are known to the command line: $title', ({ code }) => {
    for (const [, words = ''] of code.matchAll(/\bcortex-secrets ((?:[a-z-]|[A-Z]|\\\n|[^\n#|&;])*)/g)) {
      const [name, ...rest] = words.replaceAll('\\\n', ' ').trim().split(/\s+/);
      const command = program.commands.find((one) => one.name() === name);
      expect(command?.name(), words).toBe(name);
      if (!command || name === 'mock') continue; // parses its own options, see test/mock
      const options = rest.filter((word) => word.startsWith('-') && word !== '-').map((word) => word.split('=')[0]);
      expect(optionsOf(command), words).toEqual(expect.arrayContaining(options));
    }
  });

  test.each(titled(inLanguage('sh')))('have no syntax error: $title', ({ code }) => {
    execFileSync('sh', ['-n'], { input: code });
  });

  test.each(titled(inLanguage('yaml')))('stand in valid YAML: $title', ({ code }) => {
    expect(parse(code)).toBeTypeOf('object');
  });

  test.each(titled(inLanguage('groovy')))('stand between brackets that are closed: $title', ({ code }) => {
    const open: string[] = [];
    for (const [bracket] of code.replace(/'[^'\n]*'/g, '').matchAll(/[()[\]{}]/g)) {
      if ('([{'.includes(bracket)) open.push(bracket);
      else expect(`${open.pop()}${bracket}`).toMatch(/^(\(\)|\[\]|\{\})$/);
    }
    expect(open).toEqual([]);
  });

  test('External Secrets sends the request that Cortex takes', async () => {
    const stores = inLanguage('yaml').map(({ code }) => parse(code));
    const { webhook } = stores.find(({ kind }) => kind === 'SecretStore').spec.provider;
    const { remoteRef } = stores.find(({ kind }) => kind === 'PushSecret').spec.data[0].match;
    const secret = '"new"\n\\ é';
    const cortex = createFakeCortex({ seed: [{ tag: remoteRef.remoteKey, secret: 'old' }] });
    // What its templates make of these expressions.
    const filled = (text: string) =>
      text
        .replace('https://api.getcortexapp.com', cortex.baseUrl)
        .replace('{{ .remoteRef.remoteKey }}', encodeURIComponent(remoteRef.remoteKey))
        .replace('{{ index .remoteRef .remoteRef.remoteKey | toJson }}', () => JSON.stringify(secret))
        .replace('{{ .cortex.CORTEX_API_KEY }}', cortex.apiKey);
    const headers = Object.fromEntries(
      Object.entries<string>(webhook.headers).map(([name, text]) => [name, filled(text)]),
    );
    const body = filled(webhook.body);
    expect([...Object.values(headers), body].join()).not.toContain('{{');
    const response = await cortex.fetch(filled(webhook.url), { method: webhook.method, headers, body });
    expect(response.status).toBe(200);
    expect(cortex.storedValue(remoteRef.remoteKey)).toBe(secret);
  });

  test.each(titled(inLanguage('json')))('stand beside valid JSON: $title', ({ code }) => {
    expect(JSON.parse(code)).toBeDefined();
  });
});

test('the table of kinds in errors.md has every kind', () => {
  // The compiler wants each of them, and no other.
  const kinds: Record<KnownErrorKind, true> = {
    'not-found': true,
    conflict: true,
    invalid: true,
    unauthorized: true,
    forbidden: true,
    throttled: true,
    unavailable: true,
    network: true,
    timeout: true,
    caller: true,
    contract: true,
    foreign: true,
  };
  const [, table = ''] = textOf('errors.md').split('\n## Kinds\n');
  const [rows = ''] = table.split('\n## ');
  expect([...rows.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind)).toEqual(Object.keys(kinds));
});

describe('the table of statuses in errors.md', () => {
  const rows = [
    ...textOf('errors.md').matchAll(/^\| (\d{3}) \| ([a-z-]+) \| ([a-z-]+) \| ([a-z-]+) \| (.*) \|$/gm),
  ].map(([, status, get, update, create, advice]) => ({ status: Number(status), get, update, create, advice }));

  test('has every status that the contract or the retries name', () => {
    expect(rows.map(({ status }) => status)).toEqual([400, 401, 403, 404, 408, 409, 429, 500, 502]);
  });

  test.each(rows)(
    '$status has these outcomes, and is retried if the table says so',
    async ({ status, advice, ...row }) => {
      const cortex = createFakeCortex({ seed: [{ tag: 'a', name: 'A', secret: 'old' }] });
      const retry = { limit: 1, baseDelayMs: 0 };
      const secrets = createSecretsClient({ ...cortex.clientOptions, retry });
      const calls = {
        get: () => secrets.get('a'),
        update: () => secrets.update('a', { secret: 'new value' }),
        create: () => secrets.create({ tag: 'b', name: 'B', secret: 'new value' }),
      };
      const outcomes: Record<string, Outcome> = {};
      const attempts: Record<string, number> = {};
      for (const [operation, call] of Object.entries(calls)) {
        cortex.fail(operation as 'get', { status }, { times: 2 });
        const error = await call().then(
          () => expect.unreachable(operation),
          (reason) => reason,
        );
        outcomes[operation] = error.outcome;
        attempts[operation] = error.attempts;
        cortex.reset();
      }
      expect(outcomes).toEqual(row);
      const retried = /^retried/.test(advice ?? '') ? 2 : 1;
      const create = /except a create/.test(advice ?? '') ? 1 : retried;
      expect(attempts).toEqual({ get: retried, update: retried, create });
    },
  );
});
