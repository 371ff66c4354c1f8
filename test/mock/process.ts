/** The mock as a process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installPackage } from '../../scripts/lib/apt.js';

// Built by `npm test` before the tests.
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface MockProcess {
  child: ChildProcess;
  /** What `--json` has printed. */
  addresses: { baseUrl: string; apiKey: string; apiKeyWithoutPermission: string; controlUrl: string };
  /** What stderr has so far. */
  stderr(): string;
  /** Stops it by a signal, and returns its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

interface SpawnOptions {
  env?: Record<string, string>;
  /** The program and its arguments, up to `mock`. */
  command?: readonly string[];
  cwd?: string;
}

/** Starts the mock on free ports, and waits until it listens. */
export async function startProcess(
  args: readonly string[],
  { env = {}, command = [process.execPath, CLI, 'mock'], cwd }: SpawnOptions = {},
): Promise<MockProcess> {
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, ...['--port', '0', '--json'], ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += data));
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      stdout += data;
      if (stdout.endsWith('\n')) resolve();
    });
    child.once('error', reject).once('exit', () => reject(new Error(`the mock did not start: ${stderr}`)));
  });
  return {
    child,
    addresses: JSON.parse(stdout),
    stderr: () => stderr,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Why a command can't run here; undefined if it can. */
export const unavailable = (program: string, ...args: string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error) => {
      if (error) console.log(`skipped: ${program} does not run here (${error.code ?? error.signal})`);
      resolve(error ? String(error.code ?? error.signal) : undefined);
    });
  });

/**
 * The path of Python itself, since the `python3` of a version manager is a script that costs more than what it starts;
 * undefined if it does not run here.
 */
export const findPython = (): Promise<string | undefined> => {
  python ??= new Promise((resolve) => {
    execFile('python3', ['-c', 'import sys; print(sys.executable)'], (error, stdout) => {
      if (error) console.log(`skipped: python3 does not run here (${error.code ?? error.signal})`);
      resolve(error ? undefined : stdout.trim());
    });
  });
  return python;
};
let python: Promise<string | undefined> | undefined;

/** Why a command can't run here, after the Debian package has been installed on a CI machine that lacks it. */
export async function unavailableInCi(program: string, debianPackage: string): Promise<string | undefined> {
  const missing = await unavailable(program, '--version');
  if (!missing || !process.env.CI) return missing;
  const failed = await installPackage(debianPackage);
  if (failed) console.log(`${debianPackage} could not be installed: ${failed}`);
  return unavailable(program, '--version');
}
