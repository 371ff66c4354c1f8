/**
 * Runs the samples of the docs, unchanged, against the in-memory Cortex on a port. Skips curl and Python if their programs
 * are missing. `npm test` checks the types.
 */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { operations } from './document.js';

const samples = fileURLToPath(new URL('../../spec/samples/', import.meta.url));
const VALUE = 'example-"value"-not-a-real-one';
const { cortex, handleRequest } = createFake({});
const other = { tag: 'other', secret: 'v' };

let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' }));
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
async function createSecrets(...secrets: { tag: string; name?: string; secret: string }[]): Promise<void> {
  for (const secret of secrets) {
    const body = JSON.stringify({ name: 'n', ...secret });
    const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' };
    await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { method: 'POST', headers, body });
  }
}
const mine = { tag: 'my-secret', name: 'My secret', secret: 'old' };

test('each operation has a sample in each language', () => {
  const names = [...operations.keys()].map((operation) => operation.replace(/Secrets?$/, ''));
  const expected = names.flatMap((name) => ['py', 'sh', 'ts'].map((language) => `${name}.${language}`));
  expect(readdirSync(samples).sort()).toEqual(expected.sort());
});

/** How to run a language's samples, and their output. */
interface Language {
  /** Runs a sample, and returns its output. */
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
      create: json('"tag":"deploy-token","name":"Deploy token"'),
      update: json('"tag":"my-secret","name":"My secret"'),
      delete: '',
    },
  },
  Python: { run: (name) => program('python3', `${name}.py`), prints: { ...printed, get: /^se[0-9a-f]{16}\n$/ } },
};

/** Why a language's samples can't run on this machine. */
function reasonToSkip(language: string): string | undefined {
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
      return `${command} ${args.join(' ')} does not work on this machine`;
    }
  }
  return undefined;
}

const equalOrMatching = (text: string | RegExp) => (typeof text === 'string' ? text : expect.stringMatching(text));

describe.each(Object.entries(languages))('%s', (language, { run, prints }) => {
  const reason = reasonToSkip(language);
  if (reason) console.log(`samples for ${language}: SKIPPED, ${reason}`);

  test.skipIf(reason)('create', async () => {
    expect(await run('create')).toEqual(equalOrMatching(prints.create));
    expect(cortex.storedValue('deploy-token')).toBe(VALUE);
  });

  test.skipIf(reason)('get', async () => {
    await createSecrets(mine);
    expect(await run('get')).toEqual(equalOrMatching(prints.get));
  });

  test.skipIf(reason)('list', async () => {
    await createSecrets(mine, other);
    expect(await run('list')).toEqual(equalOrMatching(prints.list));
  });

  test.skipIf(reason)('update', async () => {
    await createSecrets(mine);
    expect(await run('update')).toEqual(equalOrMatching(prints.update));
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
  });

  test.skipIf(reason)('delete', async () => {
    await createSecrets(mine, other);
    expect(await run('delete')).toEqual(equalOrMatching(prints.delete));
    expect([cortex.storedValue('my-secret'), cortex.storedValue('other')]).toEqual([undefined, 'v']);
  });

  test.skipIf(reason)('create and update fail without a value, and send nothing', async () => {
    changed = { NEW_VALUE: '' };
    for (const name of ['create', 'update']) await expect(run(name), name).rejects.toThrow('Set NEW_VALUE');
    expect(cortex.requests).toEqual([]);
  });

  test.skipIf(reason).each([302, 307])('every sample fails on a redirect with %i, unfollowed', async (status) => {
    await createSecrets(mine);
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
    expect(cortex.storedValue('my-secret')).toBe('old');
    server.close();
  });

  if (language === 'TypeScript') return; // prints the error and continues, see below
  test.skipIf(reason)('exits with an error if the server responds with one', async () => {
    for (const name of ['get', 'update', 'delete']) await expect(run(name), name).rejects.toThrow();
  });
});

test('get.ts prints the error', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  await script('get');
  expect(error.mock.calls).toEqual([['secrets.get("my-secret"): 404 NOT_FOUND Secret not found']]);
});

test('shell samples pass neither API key nor value as an argument', () => {
  for (const name of readdirSync(samples).filter((file) => file.endsWith('.sh'))) {
    const [commands] = readFileSync(`${samples}${name}`, 'utf8')
      .replace(/^: ".*" &&$/m, '') // a builtin of the shell, not a process
      .split('<<EOF\n') as [string];
    expect(commands, name).not.toMatch(/\$\{?(CORTEX_API_KEY|NEW_VALUE)/);
  }
});
