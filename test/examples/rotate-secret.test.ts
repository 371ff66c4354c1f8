import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const VALUE = 'canary "of" a\nvalue $HOME `id`';
const KEY = 'canary-of-a-key';
const seed = [{ tag: 'database-password', name: 'Database', secret: 'old' }];
const { cortex, handle } = fakeCortex({ apiKey: KEY, seed });

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
  ({ url, close } = await listen((asked) => handle(asked), { port: 0, host: '127.0.0.1' }));
  const { jobs } = parse(await readFile(join(root, 'examples/rotate-secret.yml'), 'utf8'));
  step = jobs.rotate.steps.at(-1);
  // A user's repository: the script, and the package as npm would have put it there.
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-example-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'cortex-secrets'));
  await symlink(join(root, 'node_modules', 'openapi-fetch'), join(folder, 'node_modules', 'openapi-fetch'));
  await copyFile(join(root, 'examples/rotate-secret.mjs'), join(folder, 'rotate-secret.mjs'));
});
afterEach(() => cortex.reset());
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

/** Runs the workflow's step as a runner does: its command in bash, and its secrets in the environment. */
function runStep(secrets: Record<string, string>, command = step.run) {
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, text]) => {
      const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(text)?.[1] ?? expect.unreachable(`${name}: ${text}`);
      return [name, secrets[secret] ?? ''];
    }),
  );
  const { PATH } = process.env;
  const options = { cwd: folder, env: { PATH, CORTEX_BASE_URL: url, ...env } };
  return new Promise<{ code: number; said: string }>((done) => {
    execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', command], options, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

test('the step stores the value, and shows it nowhere', async () => {
  const { code, said } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE });
  expect(said).toMatch(/^database-password has a new value \(se\w{16}\)\n$/);
  expect(code).toBe(0);
  expect(cortex.valueOf('database-password')).toBe(VALUE);
});

test('its command holds no expression: the value is never part of a line that a shell reads', () => {
  expect(step.run).not.toContain('${{');
});

test('a secret that is not set in the repository: says how to call it, and asks nothing', async () => {
  const { code, said } = await runStep({ CORTEX_API_KEY: KEY });
  expect(said).toBe('Usage: NEW_VALUE=... CORTEX_API_KEY=... node rotate-secret.mjs TAG\n');
  expect(code).toBe(2);
  expect(cortex.requests).toEqual([]);
});

test('a misspelt tag is an error, and no new secret', async () => {
  const misspelt = step.run.replace('database', 'databse');
  const { code, said } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE }, misspelt);
  expect(said).toBe('secrets.update: 404 NOT_FOUND Secret not found\n');
  expect(code).toBe(1);
  expect(cortex.valueOf('databse-password')).toBeUndefined();
});

test('a key that is not let in: says so, without it', async () => {
  const { code, said } = await runStep({ CORTEX_API_KEY: 'canary-of-another', DATABASE_PASSWORD: VALUE });
  expect(said).toMatch(/^secrets\.update: 401 .* Check the API key/);
  expect(said).not.toContain('canary');
  expect(code).toBe(1);
});

test('an outcome that is not known: run it again', async () => {
  cortex.fail('update', 'reset after processing', { times: 4 });
  const { code, said } = await runStep({ CORTEX_API_KEY: KEY, DATABASE_PASSWORD: VALUE });
  expect(said).toMatch(/\. The value may be stored; run this again\n$/);
  expect(said).not.toContain('canary');
  expect(code).toBe(1);
});
