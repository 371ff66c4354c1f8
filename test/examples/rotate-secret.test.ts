/** The rotation of a password against a real PostgreSQL: whatever fails, the address that Cortex has works. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, test as always, beforeAll, describe, expect } from 'vitest';
import { parse } from 'yaml';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { CLI, unavailable } from '../mock/process.js';
import { problemsOfGithubFile } from '../support/github-files.js';

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
const { cortex, handleRequest } = createFake({ apiKey: KEY });

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
  let address: (role: string, password: string) => string;
  const sql = (text: string) => run('psql', ['--no-psqlrc', '-q', '-c', text], env);
  const works = async (url: string) => (await run('psql', ['--no-psqlrc', '-q', '-c', 'SELECT 1', url])).code === 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-postgresql-'));
    const port = await freePort();
    // The server refuses to run as root.
    const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
    if (owner) await chown(folder, owner.uid, owner.gid);
    await writeFile(join(folder, 'password'), ADMIN);
    await chmod(join(folder, 'password'), 0o644);
    const data = join(folder, 'data');
    const initdb = [
      '--no-sync',
      '--auth',
      'scram-sha-256',
      '--username',
      'admin',
      '--pwfile',
      join(folder, 'password'),
    ];
    const { code, output } = await run(
      join(bin ?? '', 'initdb'),
      [...initdb, '-D', data],
      {},
      { ...owner, cwd: folder },
    );
    expect(code, output).toBe(0);
    const settings = [
      'fsync=off',
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${folder}`,
      'log_statement=all',
    ];
    const server = spawn(join(bin ?? '', 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...owner,
      cwd: folder,
    });
    let log = '';
    server.stderr.on('data', (chunk) => (log += chunk));
    const { url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
    env = {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGDATABASE: 'postgres', PGUSER: 'admin', PGPASSWORD: ADMIN },
      ...{ CORTEX_API_KEY: KEY, CORTEX_BASE_URL: url, HOME: folder, CORTEX_SECRETS: `${process.execPath} ${CLI}` },
    };
    address = (role, password) => `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
    stop = async () => {
      const exited = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGQUIT');
      await exited;
      await close();
      await rm(folder, { recursive: true });
      // The server logs each statement: no password of a role stands there.
      expect(log).toContain('ALTER ROLE');
      expect(log).not.toMatch(/PASSWORD '[0-9a-f]{64}'/);
    };
    for (let i = 0; i < 100 && (await sql('SELECT 1')).code !== 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await sql(`CREATE ROLE app_a LOGIN PASSWORD '${FIRST}'; CREATE ROLE app_b LOGIN`);
  });
  beforeAll(async () => {
    await store();
  });
  afterEach(async () => {
    cortex.reset();
    await sql(`ALTER ROLE app_a PASSWORD '${FIRST}'`);
    await store();
  });
  afterAll(() => stop());

  /** As before the first run. */
  async function store() {
    const args = ['create', TAG, '--name', 'Application database (app_a)', '--value-env', 'VALUE'];
    await run(process.execPath, [CLI, ...args], { ...env, VALUE: address('app_a', FIRST) });
  }
  const stored = () => cortex.storedValue(TAG) ?? '';
  const rotate = async (more: Record<string, string> = {}, args = [TAG, 'app_a', 'app_b']) => {
    const before = stored();
    const result = await run('bash', [SCRIPT, ...args], { ...env, ...more });
    expect(result.output).not.toMatch(/canary|[0-9a-f]{32}/);
    // Whoever has read the address before the run can still log in.
    expect(await works(before)).toBe(true);
    return result;
  };

  always('lets two roles take turns; each new address works, and so does the one before', async () => {
    for (const role of ['app_b', 'app_a', 'app_b']) {
      expect(await rotate()).toEqual({ code: 0, output: `${TAG}: ${role} is in use\n` });
      expect(stored()).toMatch(new RegExp(`^postgresql://${role}:[0-9a-f]{64}@`));
      expect(await works(stored())).toBe(true);
    }
    const { output } = await run(process.execPath, [CLI, 'get', TAG], env);
    expect(output).toContain('Application database (app_b)');
  });

  /** Puts a program in the place of another one that fails when it is called for the n-th time. */
  async function failing(program: string, call: number, how = 'exit 1'): Promise<Record<string, string>> {
    const programs = await mkdtemp(join(folder, 'programs-'));
    const counter = join(programs, 'count');
    const real = (await run('bash', ['-c', `command -v ${program}`])).output.trim();
    const text = `#!/usr/bin/env bash\necho >> "${counter}"\nif [ "$(wc -l < "${counter}")" -eq ${call} ]; then ${how}; fi\nexec "${real}" "$@"\n`;
    await writeFile(join(programs, program), text, { mode: 0o755 });
    return { PATH: `${programs}:${process.env.PATH}` };
  }

  always.each<[string, string, number, string?]>([
    ['no random number', 'openssl', 1],
    ['the change of the role', 'psql', 1],
    ['a kill after it', 'psql', 2, 'kill -KILL $PPID; exit 1'],
    ['the check at the end', 'psql', 3],
  ])(
    'after a failure of %s the address in Cortex works, and the next run repairs it',
    async (_, program, call, how) => {
      expect((await rotate(await failing(program, call, how))).code).not.toBe(0);
      expect(await works(stored())).toBe(true);
      expect((await rotate()).code).toBe(0);
      expect(await works(stored())).toBe(true);
    },
  );

  always.each([
    ['with an unknown outcome that was processed', { status: 500, processed: true }],
    ['with an unknown outcome that was not', { status: 500 }],
    ['that is rejected', { status: 400 }],
  ] as const)('after an update %s the address in Cortex works, and the next run repairs it', async (_, fault) => {
    const recover = cortex.fail('update', fault, { times: 9 });
    expect((await rotate()).code).toBe(1);
    expect(await works(stored())).toBe(true);
    recover();
    expect((await rotate()).code).toBe(0);
    expect(await works(stored())).toBe(true);
  });

  always.each([
    ['a misspelt tag', ['databse-url', 'app_a', 'app_b'], /404 NOT_FOUND/],
    ['roles that the name does not have', [TAG, 'x', 'y'], /the name of the secret must end in \(x\) or \(y\)/],
    ['a role that does not exist', [TAG, 'app_a', 'nobody"; DROP ROLE app_b; --'], /does not exist/],
  ])('%s changes nothing', async (_, args, message) => {
    const before = stored();
    const { code, output } = await rotate({}, args);
    expect(code).not.toBe(0);
    expect(output).toMatch(message);
    expect(stored()).toBe(before);
  });

  always('without an API key nothing is changed', async () => {
    const { code, output } = await rotate({ CORTEX_API_KEY: '' });
    expect({ code: code !== 0, output }).toEqual({
      code: true,
      output: '{"error":"CORTEX_API_KEY is empty","exitCode":4}\n',
    });
  });
});

describe('rotate-secret.yml', async () => {
  const text = await readFile(join(root, 'examples/rotate-secret.yml'), 'utf8');

  always('is a workflow by the schema of GitHub', async () => {
    expect(await problemsOfGithubFile('workflow', text)).toEqual([]);
  });

  always(
    'runs the script with its three arguments and all of its variables; no expression stands in the command',
    async () => {
      const step = parse(text).jobs.rotate.steps.at(-1);
      expect(step.run).toMatch(/rotate-postgresql\.sh [\w-]+ \w+ \w+$/);
      const script = await readFile(SCRIPT, 'utf8');
      for (const name of Object.keys(step.env)) expect(script).toContain(name);
      expect(Object.keys(step.env)).toEqual(
        expect.arrayContaining(['CORTEX_API_KEY', 'PGHOST', 'PGUSER', 'PGPASSWORD']),
      );
    },
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (option) => Number((await run('id', [option, user])).output)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
