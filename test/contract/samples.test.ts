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
afterEach(() => cortex.reset());

/** A run of a sample, and what it changes of the environment. */
type Sample = [name: string, changed?: Record<string, string>];
interface Result {
  output: string;
  /** Why it failed; undefined if it did not. */
  error?: string;
}
const environment = (changed = {}) => ({
  ...{ CORTEX_API_KEY: cortex.apiKey, CORTEX_BASE_URL: url, NEW_VALUE: VALUE },
  ...changed,
});

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
  /** Runs samples, one after the other. */
  run(...all: Sample[]): Promise<Result[]>;
  /** The expected output of each sample. */
  prints: Record<'list' | 'get' | 'create' | 'update' | 'delete', string | RegExp>;
}

async function each(all: Sample[], run: (...sample: Sample) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const sample of all) results.push(await run(...sample));
  return results;
}

const program = (command: string, args: string[], changed = {}): Promise<Result> =>
  new Promise((resolve) => {
    const env = { ...process.env, ...environment(changed) };
    execFile(command, args, { env }, (error, output) => resolve(error ? { output, error: error.message } : { output }));
  });

/** A sample that prints an error has failed too. */
async function script(name: string, changed = {}): Promise<Result> {
  for (const [variable, value] of Object.entries(environment(changed))) vi.stubEnv(variable, value);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.resetModules();
  const thrown = await import(`../../spec/samples/${name}.ts`).then(
    () => [],
    (reason) => [[reason.message]],
  );
  const output = log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
  const errors = [...error.mock.calls, ...thrown].join('\n');
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  return errors ? { output, error: errors } : { output };
}

/** One Python runs all samples: it starts slowly. */
const PYTHON = `
import contextlib, io, json, os, runpy, sys
results = []
for path, env in json.loads(sys.argv[1]):
    os.environ.update(env)
    output, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(output):
            runpy.run_path(path, run_name="__main__")
    except SystemExit as exit:
        error = str(exit.code) if exit.code else None
    except Exception as exception:
        error = repr(exception)
    results.append({"output": output.getvalue(), **({"error": error} if error else {})})
print(json.dumps(results))
`;
async function python(...all: Sample[]): Promise<Result[]> {
  const runs = all.map(([name, changed]) => [`${samples}${name}.py`, environment(changed)]);
  const { output, error } = await program('python3', ['-c', PYTHON, JSON.stringify(runs)]);
  expect(error).toBeUndefined();
  return JSON.parse(output);
}

const printed = {
  list: 'my-secret My secret\nother n\n',
  create: /^se[0-9a-f]{16}\n$/,
  update: 'my-secret rotated\n',
  delete: 'deleted\n',
};
const json = (value: string) => new RegExp(`^\\{"id":"se[0-9a-f]{16}",${value}\\}$`);
const languages: Record<string, Language> = {
  TypeScript: { run: (...all) => each(all, script), prints: { ...printed, get: /^se[0-9a-f]{16} My secret\n$/ } },
  curl: {
    run: (...all) => each(all, (name, changed) => program('sh', [`${samples}${name}.sh`], changed)),
    prints: {
      list: /^\{"page":0,"secrets":\[.*\],"total":2,"totalPages":1\}$/,
      get: json('"tag":"my-secret","name":"My secret"'),
      create: json('"tag":"deploy-token","name":"Deploy token"'),
      update: json('"tag":"my-secret","name":"My secret"'),
      delete: '',
    },
  },
  Python: { run: python, prints: { ...printed, get: /^se[0-9a-f]{16}\n$/ } },
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

  test.skipIf(reason)('create, get, list and update', async () => {
    await createSecrets(mine, other);
    const names = ['list', 'get', 'create', 'update'] as const;
    expect(await run(...names.map((name): Sample => [name]))).toEqual(
      names.map((name) => ({ output: equalOrMatching(prints[name]) })),
    );
    expect(['deploy-token', 'my-secret'].map((tag) => cortex.storedValue(tag))).toEqual([VALUE, VALUE]);
  });

  test.skipIf(reason)('delete; then the others fail, since there is no such secret', async () => {
    await createSecrets(mine, other);
    const [deleted, ...failed] = await run(['delete'], ['get'], ['update'], ['delete']);
    expect(deleted).toEqual({ output: equalOrMatching(prints.delete) });
    expect([cortex.storedValue('my-secret'), cortex.storedValue('other')]).toEqual([undefined, 'v']);
    for (const { error } of failed) expect(error).toBeDefined();
    expect(cortex.requests.slice(-3).map(({ status }) => status)).toEqual([404, 404, 404]);
    if (language === 'TypeScript')
      expect(failed[0]?.error).toBe('secrets.get("my-secret"): 404 NOT_FOUND Secret not found');
  });

  test.skipIf(reason)('every sample fails without a value and on a redirect, and sends nothing else', async () => {
    await createSecrets(mine);
    const before = cortex.requests.length;
    let redirects = 0;
    const server = createServer((request, response) => {
      request.resume();
      redirects++;
      const [, status, path] = /^\/(\d+)(.*)$/.exec(request.url ?? '') ?? [];
      response.writeHead(Number(status), { location: `${url}${path}` }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const redirected = [302, 307].flatMap((status) =>
      Object.keys(prints).map((name): Sample => [name, { CORTEX_BASE_URL: `http://127.0.0.1:${port}/${status}` }]),
    );
    const results = await run(['create', { NEW_VALUE: '' }], ['update', { NEW_VALUE: '' }], ...redirected);
    expect(results).toHaveLength(12);
    for (const [n, { error }] of results.entries()) expect(error, String(n)).toMatch(n < 2 ? 'Set NEW_VALUE' : /./);
    expect(redirects).toBe(redirected.length);
    expect(cortex.requests).toHaveLength(before);
    expect(cortex.storedValue('my-secret')).toBe('old');
    server.close();
  });
});

test('shell samples pass neither API key nor value as an argument', () => {
  for (const name of readdirSync(samples).filter((file) => file.endsWith('.sh'))) {
    const [commands] = readFileSync(`${samples}${name}`, 'utf8')
      .replace(/^: ".*" &&$/m, '') // a builtin of the shell, not a process
      .split('<<EOF\n') as [string];
    expect(commands, name).not.toMatch(/\$\{?(CORTEX_API_KEY|NEW_VALUE)/);
  }
});
