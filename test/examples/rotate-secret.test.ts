/** The rotation of a password against a real PostgreSQL: whatever fails, the address that Cortex has works. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../scripts/lib/free-port.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { Fault } from '../../src/testing/faults.js';
import { CLI, unavailable } from '../mock/process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = join(root, 'examples/rotate-postgresql.sh');

/** The folder of the server's programs: Debian doesn't have them on the PATH. */
function serverFolder(): string | undefined {
  const folders = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].flatMap((parent) =>
    existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name, 'bin')) : [],
  );
  return folders.filter((folder) => existsSync(join(folder, 'initdb'))).at(-1);
}
const bin = serverFolder();
let missing = bin === undefined ? 'PostgreSQL is not installed (Debian: postgresql)' : undefined;
for (const program of ['bash', 'psql', 'openssl'])
  missing ??= await unavailable(program, program === 'openssl' ? 'version' : '--version');
if (missing) console.log(`skipped: ${missing}`);

const TAG = 'database-url';
const FIRST = 'canary-of-the-first-password';
const ADMIN = 'canary-of-the-administrator';
const KEY = 'canary-of-a-key';
const { cortex, control, handleRequest } = createFake({ apiKey: KEY });
const nameOf = (role: string) => `Application database (${role})`;

const run = (command: string, args: string[], env: Record<string, string> = {}, options = {}) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const all = { env: { PATH: process.env.PATH, ...env }, ...options };
    execFile(command, args, all, (error, stdout, stderr) =>
      resolve({ code: Number(error ? (error.code ?? 1) : 0), output: stdout + stderr }),
    );
  });

describe.skipIf(missing !== undefined)('rotate-postgresql.sh', () => {
  let folder: string;
  let stop: () => Promise<void>;
  let env: Record<string, string>;
  let log = '';
  const psql = (text: string, ...address: string[]) => run('psql', ['--no-psqlrc', '-q', '-c', text, ...address], env);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-postgresql-'));
    const port = await freePort();
    // The server refuses to run as root.
    const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
    if (owner) await chown(folder, owner.uid, owner.gid);
    const password = join(folder, 'password');
    await writeFile(password, ADMIN, { mode: 0o644 });
    const data = join(folder, 'data');
    const initdb = ['--no-sync', '--auth', 'scram-sha-256', '--username', 'admin', '--pwfile', password, '-D', data];
    const { code, output } = await run(join(bin ?? '', 'initdb'), initdb, {}, { ...owner, cwd: folder });
    expect(code, output).toBe(0);
    const settings = [
      'fsync=off',
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${folder}`,
      'log_statement=all',
      'lc_messages=C',
    ];
    const server = spawn(join(bin ?? '', 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...owner,
      cwd: folder,
    });
    const exited = once(server, 'exit');
    const { url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
    stop = async () => {
      server.kill('SIGQUIT');
      await exited;
      await close();
      await rm(folder, { recursive: true });
    };
    await new Promise<void>((resolve, reject) => {
      server.stderr.on('data', (chunk) => {
        log += chunk;
        if (log.includes('ready to accept connections')) resolve();
      });
      server.once('exit', () => reject(new Error(log)));
    });
    env = {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGDATABASE: 'postgres', PGUSER: 'admin', PGPASSWORD: ADMIN },
      ...{ CORTEX_API_KEY: KEY, CORTEX_BASE_URL: url, HOME: folder, CORTEX_SECRETS: `${process.execPath} ${CLI}` },
    };
    await psql(`CREATE ROLE app_a LOGIN PASSWORD '${FIRST}'; CREATE ROLE app_b LOGIN`);
    const secret = `postgresql://app_a:${FIRST}@127.0.0.1:${port}/postgres`;
    control.restore([{ tag: TAG, name: nameOf('app_a'), secret }]);
  });
  afterAll(() => stop());

  /** Runs the script: whoever has read an address before the run can still log in, and so can everybody after it. */
  async function rotate(more: Record<string, string> = {}, args = [TAG, 'app_a', 'app_b']) {
    const before = cortex.storedValue(TAG) ?? '';
    const result = await run('bash', [SCRIPT, ...args], { ...env, ...more });
    expect(result.output).not.toMatch(/canary|[0-9a-f]{32}/);
    const after = cortex.storedValue(TAG) ?? '';
    for (const address of new Set([before, after])) expect((await psql('SELECT 1', address)).code).toBe(0);
    return { ...result, changed: after !== before };
  }

  test.each([
    ['a misspelt tag', ['databse-url', 'app_a', 'app_b'], /404 NOT_FOUND/],
    ['roles that the name does not have', [TAG, 'x', 'y'], /the name of the secret must end in \(x\) or \(y\)/],
    ['a role that does not exist', [TAG, 'app_a', 'nobody"; DROP ROLE app_b; --'], /does not exist/],
  ])('%s changes nothing', async (_, args, message) => {
    const { code, output, changed } = await rotate({}, args);
    expect(code).not.toBe(0);
    expect(output).toMatch(message);
    expect(changed).toBe(false);
  });

  /** Puts a program in the place of another one that fails when it is called for the n-th time. */
  async function failing(program: string, call: number, how = 'exit 1'): Promise<Record<string, string>> {
    const programs = await mkdtemp(join(folder, 'programs-'));
    const counter = join(programs, 'count');
    const text = `#!/usr/bin/env bash\necho >> "${counter}"\nif [ "$(wc -l < "${counter}")" -eq ${call} ]; then ${how}; fi\nPATH=\${PATH#*:} exec ${program} "$@"\n`;
    await writeFile(join(programs, program), text, { mode: 0o755 });
    return { PATH: `${programs}:${process.env.PATH}` };
  }
  const failingUpdate = (fault: Fault) => {
    cortex.fail('update', fault, { times: 9 });
    return {};
  };

  // In this order: a run starts from what the one before has left, and gets further, which shows that it repairs that.
  test.each<[failure: string, fail: () => object, role: string, changed: boolean]>([
    ['no random number', () => failing('openssl', 1), 'app_a', false],
    ['a kill after the change of the role', () => failing('psql', 2, 'kill -KILL $PPID; exit 1'), 'app_a', false],
    ['an update that is rejected', () => failingUpdate({ status: 400 }), 'app_a', false],
    ['an update with an unknown outcome', () => failingUpdate({ status: 500, processed: true }), 'app_b', true],
    ['the check at the end', () => failing('psql', 3), 'app_a', true],
  ])(
    'after a failure, %s, the address in Cortex works, and the next run repairs it',
    async (_, fail, role, changed) => {
      const result = await rotate({ ...(await fail()) });
      control.clearFaults();
      expect(result).toMatchObject({ code: expect.any(Number), changed });
      expect(result.code).not.toBe(0);
      expect(control.snapshot()[0]?.name).toBe(nameOf(role));
    },
  );

  test('takes turns with the two roles, says which is in use, and passes no password to the server', async () => {
    expect(await rotate()).toEqual({ code: 0, output: `${TAG}: app_b is in use\n`, changed: true });
    expect(cortex.storedValue(TAG)).toMatch(/^postgresql:\/\/app_b:[0-9a-f]{64}@/);
    expect(control.snapshot()[0]?.name).toBe(nameOf('app_b'));
    // The server logs each statement: no password of a role stands there.
    expect(log).toContain('ALTER ROLE');
    expect(log).not.toMatch(/PASSWORD '[0-9a-f]{64}'/);
  });
});

test('rotate-secret.yml runs the script with its arguments and all of its variables; no expression is in the command', async () => {
  const text = await readFile(join(root, 'examples/rotate-secret.yml'), 'utf8');
  const step = parse(text).jobs.rotate.steps.at(-1);
  expect(step.run).toMatch(/rotate-postgresql\.sh [\w-]+ \w+ \w+$/);
  const script = await readFile(SCRIPT, 'utf8');
  for (const name of Object.keys(step.env)) expect(script).toContain(name);
  expect(Object.keys(step.env)).toEqual(expect.arrayContaining(['CORTEX_API_KEY', 'PGHOST', 'PGUSER', 'PGPASSWORD']));
});

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (option) => Number((await run('id', [option, user])).output)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
