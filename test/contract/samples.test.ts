/**
 * Runs the code samples of the docs, unchanged, against the in-memory Cortex on a port: TypeScript always, curl and
 * Python if the programs are installed. `npm run types` checks the types.
 */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';
import { operations } from './document.js';

const samples = fileURLToPath(new URL('../../spec/samples/', import.meta.url));
const VALUE = 'example-"value"-not-a-real-one';
const { cortex, handle } = fakeCortex({});
const other = { tag: 'other', secret: 'v' };

let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ url, close } = await listen((asked) => handle(asked), { port: 0, host: '127.0.0.1' }));
});
afterAll(() => close());
afterEach(() => {
  cortex.reset();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What a test changes of the environment of a sample. */
let changed: Record<string, string> = {};
afterEach(() => {
  changed = {};
});
const environment = () => ({ CORTEX_API_KEY: cortex.apiKey, CORTEX_BASE_URL: url, NEW_VALUE: VALUE, ...changed });

/** Creates the secrets that a sample needs. */
async function given(...secrets: { tag: string; name?: string; secret: string }[]): Promise<void> {
  for (const secret of secrets) {
    const body = JSON.stringify({ name: 'n', ...secret });
    const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' };
    await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { method: 'POST', headers, body });
  }
}
const mine = { tag: 'my-secret', name: 'My secret', secret: 'old' };

test('each operation has a sample in each language', () => {
  const names = [...operations.keys()].map((operation) => operation.replace(/Secrets?$/, ''));
  const wanted = names.flatMap((name) => ['py', 'sh', 'ts'].map((language) => `${name}.${language}`));
  expect(readdirSync(samples).sort()).toEqual(wanted.sort());
});

interface Language {
  /** Runs a sample and gives its output. */
  run(name: string): Promise<string>;
  /** The expected output of each sample. */
  prints: Record<'list' | 'get' | 'create' | 'update' | 'delete', string | RegExp>;
}

const program = (command: string, name: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment() };
    execFile(command, [`${samples}${name}`], { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });

async function script(name: string): Promise<string> {
  for (const [variable, value] of Object.entries(environment())) vi.stubEnv(variable, value);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.resetModules();
  await import(`../../spec/samples/${name}.ts`);
  return log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
}

const printed = {
  list: 'my-secret My secret\nother n\n',
  create: /^se[0-9a-f]{16}\n$/,
  update: 'my-secret rotated\n',
  delete: 'deleted\n',
};
const json = (value: string) => new RegExp(`^\\{"id":"se[0-9a-f]{16}",${value}\\}$`);
const languages: Record<string, Language> = {
  TypeScript: { run: script, prints: { ...printed, get: /^se[0-9a-f]{16} My secret\n$/ } },
  curl: {
    run: (name) => program('sh', `${name}.sh`),
    prints: {
      list: /^\{"page":0,"secrets":\[.*\],"total":2,"totalPages":1\}$/,
      get: json('"tag":"my-secret","name":"My secret"'),
      create: json('"tag":"my-secret","name":"My secret"'),
      update: json('"tag":"my-secret","name":"My secret"'),
      delete: '',
    },
  },
  Python: { run: (name) => program('python3', `${name}.py`), prints: { ...printed, get: /^se[0-9a-f]{16}\n$/ } },
};

/** The reason to skip a language; undefined if its programs are installed. */
function missing(language: string): string | undefined {
  const needs: Record<string, [string, string[]][]> = {
    curl: [
      ['jq', ['--version']],
      ['sh', ['-c', 'curl --help all | grep -q -e --fail-with-body']],
    ],
    Python: [['python3', ['-c', 'import requests']]],
  };
  for (const [command, args] of needs[language] ?? []) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      return `${command} ${args.join(' ')} does not work here`;
    }
  }
  return undefined;
}

const exactly = (text: string | RegExp) => (typeof text === 'string' ? text : expect.stringMatching(text));

describe.each(Object.entries(languages))('%s', (language, { run, prints }) => {
  const why = missing(language);
  if (why) console.log(`samples for ${language}: SKIPPED, ${why}`);

  test.skipIf(why)('create', async () => {
    expect(await run('create')).toEqual(exactly(prints.create));
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
  });

  test.skipIf(why)('get', async () => {
    await given(mine);
    expect(await run('get')).toEqual(exactly(prints.get));
  });

  test.skipIf(why)('list', async () => {
    await given(mine, other);
    expect(await run('list')).toEqual(exactly(prints.list));
  });

  test.skipIf(why)('update', async () => {
    await given(mine);
    expect(await run('update')).toEqual(exactly(prints.update));
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
  });

  test.skipIf(why)('delete', async () => {
    await given(mine, other);
    expect(await run('delete')).toEqual(exactly(prints.delete));
    expect([cortex.valueOf('my-secret'), cortex.valueOf('other')]).toEqual([undefined, 'v']);
  });

  test.skipIf(why)('create and update fail without a value, and send nothing', async () => {
    changed = { NEW_VALUE: '' };
    for (const name of ['create', 'update']) await expect(run(name), name).rejects.toThrow('Set NEW_VALUE');
    expect(cortex.requests).toEqual([]);
  });

  test.skipIf(why).each([302, 307])('every sample fails on a redirect with %i, unfollowed', async (status) => {
    await given(mine);
    const before = cortex.requests.length;
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${url}${request.url}` }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    changed = { CORTEX_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const name of Object.keys(prints)) {
      // get.ts prints the error.
      if (language === 'TypeScript' && name === 'get') await run(name);
      else await expect(run(name), name).rejects.toThrow();
    }
    if (language === 'TypeScript') expect(error).toHaveBeenCalledOnce();
    expect(cortex.requests).toHaveLength(before);
    expect(cortex.valueOf('my-secret')).toBe('old');
    server.close();
  });

  if (language === 'TypeScript') return; // get.ts prints the error, see below
  test.skipIf(why)('an error response makes the program fail', async () => {
    for (const name of ['get', 'update', 'delete']) await expect(run(name), name).rejects.toThrow();
  });
});

test('get.ts prints the error', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  await script('get');
  expect(error.mock.calls).toEqual([['secrets.get: 404 NOT_FOUND Secret not found']]);
});

test('no shell sample passes the key or the value as an argument', () => {
  for (const name of readdirSync(samples).filter((file) => file.endsWith('.sh'))) {
    const [commands] = readFileSync(`${samples}${name}`, 'utf8')
      .replace(/^: ".*" &&$/m, '') // a builtin of the shell, not a process
      .split('<<EOF\n') as [string];
    expect(commands, name).not.toMatch(/\$\{?(CORTEX_API_KEY|NEW_VALUE)/);
  }
});
