import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, test as always, beforeAll, expect } from 'vitest';
import { parse } from 'yaml';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { unavailable } from '../mock/process.js';

const test = (await unavailable('bash', '--version')) ? always.skip : always;

const root = fileURLToPath(new URL('../../', import.meta.url));
const VALUE = 'canary "of" a\nvalue $HOME `id`';
const KEY = 'canary-of-a-key';
const seed = [{ tag: 'database-password', name: 'Database', secret: 'old' }];
const { cortex, handleRequest } = createFake({ apiKey: KEY, seed });

interface Step {
  name?: string;
  run?: string;
  env?: Record<string, string>;
}
let step: Required<Step>;
let folder: string;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' }));
  const { jobs } = parse(await readFile(join(root, 'examples/rotate-secret.yml'), 'utf8'));
  step = jobs.rotate.steps.at(-1);
  // A user's repository: the package as npm installs it.
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-example-'));
  await mkdir(join(folder, 'node_modules', '.bin'), { recursive: true });
  await symlink(root, join(folder, 'node_modules', 'cortex-secrets'));
  await symlink('../cortex-secrets/dist/cli/main.js', join(folder, 'node_modules', '.bin', 'cortex-secrets'));
});
afterEach(() => cortex.reset());
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

/** Runs the workflow's step as a runner does: the command in bash, the secrets in the environment. */
function runStep(secrets: Record<string, string>, command = step.run) {
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, text]) => {
      const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(text)?.[1] ?? expect.unreachable(`${name}: ${text}`);
      return [name, secrets[secret] ?? ''];
    }),
  );
  const { PATH } = process.env;
  const quiet = { npm_config_update_notifier: 'false' };
  const options = { cwd: folder, env: { PATH, HOME: folder, CORTEX_BASE_URL: url, ...quiet, ...env } };
  return new Promise<{ code: number; output: string }>((done) => {
    execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', command], options, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test('the step stores the value, and does not print it', async () => {
  const { code, output } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE });
  expect(output).toMatch(/^database-password\tDatabase\tse\w{16}\n$/);
  expect(code).toBe(0);
  expect(cortex.storedValue('database-password')).toBe(VALUE);
});

test('the command has no expression, so no shell parses the value', () => {
  expect(step.run).not.toContain('${{');
});

test('with a secret that the repository does not have, fails and sends nothing', async () => {
  const { code, output } = await runStep({ CORTEX_API_KEY: KEY });
  expect(output).toBe('error: the value is empty; --allow-empty stores it\n');
  expect(code).toBe(2);
  expect(cortex.requests).toEqual([]);
});

test('with a misspelt tag, fails and creates no secret', async () => {
  const misspelt = step.run.replace('database', 'databse');
  const { code, output } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE }, misspelt);
  expect(output).toBe('error: update("databse-password"): 404 NOT_FOUND Secret not found\n');
  expect(code).toBe(5);
  expect(cortex.storedValue('databse-password')).toBeUndefined();
});

test('with a wrong API key, fails without printing it', async () => {
  const { code, output } = await runStep({ CORTEX_API_KEY: 'canary-of-another', DATABASE_PASSWORD: VALUE });
  expect(output).toMatch(/^error: update\("database-password"\): 401 .* Check the API key/);
  expect(output).not.toContain('canary');
  expect(code).toBe(4);
});

test('with an unknown outcome, advises to run it again', async () => {
  cortex.fail('update', 'reset after processing', { times: 4 });
  const { code, output } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE });
  expect(output).toMatch(/\nThe server may have processed it: run the same command again\n$/);
  expect(output).not.toContain('canary');
  expect(code).toBe(1);
});
