/** Runs the command line as a process, and searches everything that it prints for values and keys. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import { findPython } from '../mock/process.js';

// Built by `npm test` before the tests.
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** The optimising compiler would work on the WebAssembly of fetch for longer than a command runs. */
const NODE = [process.execPath, '--liftoff-only'] as const;
const TERMINAL = fileURLToPath(new URL('./terminal.py', import.meta.url));

/** Every value and every key of these tests begins with it, and no tag or name contains it. */
const MARK = 'c4nary';
export const KEY = `${MARK}-of-a-key`;
export const value = (text: number | string): string => `${MARK} "${text}" $HOME #\\`;

/**
 * The home folder of the processes. A worker's test files take it one after another, and each leaves it empty; the host
 * removes it, since vitest ends a worker by a signal.
 */
export const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-cli-'));
export async function emptyFolder(): Promise<void> {
  await rm(folder, { recursive: true });
  await mkdir(folder);
}
export const pathOf = (name: string): string => join(folder, name);
export async function file(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  await writeFile(pathOf(name), content, { mode });
  return pathOf(name);
}
export const textOf = (name: string): Promise<string> => readFile(pathOf(name), 'utf8');

/** An in-memory Cortex on a port, whose state the test can see, and whose responses it can hold back. */
export async function startCortex(options: FakeCortexOptions = {}) {
  const { cortex, handleRequest } = createFake({ apiKey: KEY, ...options });
  let held = Promise.resolve();
  /** Holds each response back from now on, until the function that it returns is called. */
  const hold = () => {
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  };
  const respond: typeof handleRequest = async (request) => {
    const result = await handleRequest(request);
    await held;
    return result;
  };
  const { url, close } = await listen(respond, { port: 0, host: '127.0.0.1' });
  return { cortex, close, hold, env: { CORTEX_API_KEY: cortex.apiKey, CORTEX_BASE_URL: url } };
}

export interface RunOptions {
  env?: Record<string, string>;
  /** What is piped in; without it stdin is empty. `false` leaves the pipe open. */
  stdin?: string | Uint8Array | false;
  cwd?: string;
  /** As if stdin, stdout and stderr were a terminal of so many columns, on which `stdin` is typed. */
  columns?: number;
  /** The code of the error that each write to stdout fails with. */
  stdoutError?: 'ENOSPC' | 'EPIPE';
  /** Another copy of the program. */
  program?: string;
  /** Keeps the notes about a server that does not respond, which depend on the speed of the machine. */
  showsWaits?: boolean;
  /** Called with the process once it runs. */
  onStart?: (child: ChildProcess) => void;
}

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** Nothing of a value or a key, in any of these forms. */
export function expectNoSecret(...texts: string[]): void {
  const forms = [MARK, Buffer.from(MARK).toString('hex'), Buffer.from(MARK).toString('base64')];
  for (const text of texts) for (const form of forms) expect(text.toLowerCase()).not.toContain(form.toLowerCase());
}

const environment = (env: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? '',
  HOME: folder,
  TERM: 'xterm',
  ...env,
});

interface Host {
  child: ChildProcess;
  /** Ends with its last run: one runs at a time. */
  idle: Promise<unknown>;
}
/** One for each set of variables that Node reads at its start. */
const hosts = new Map<string, Host>();

/** Runs the command line without a terminal: in a host that has started before, unless the test needs a process. */
export async function cli(args: string[], options: RunOptions = {}): Promise<Result> {
  const { stdin, program, showsWaits = false, onStart } = options;
  const needsProcess = stdin === false || program !== undefined || onStart !== undefined;
  const result = await (needsProcess ? cliProcess : cliInHost)(args, options);
  return showsWaits ? result : { ...result, stderr: result.stderr.replace(/^waiting for \S+ to respond\n/gm, '') };
}

async function cliInHost(args: string[], { env = {}, stdin = '', cwd = folder, ...more }: RunOptions): Promise<Result> {
  const ofNode = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('NODE_') || name === 'TZ'));
  const key = JSON.stringify(ofNode);
  const host = hosts.get(key) ?? startHost(ofNode);
  hosts.set(key, host);
  const run = host.idle.then(() => {
    host.child.send({ args, env: environment(env), stdin: Buffer.from(stdin || '').toString('base64'), cwd, ...more });
    return firstOf(host.child, ['message', 'exit']);
  });
  host.idle = run;
  const [result] = (await run) as [Result | number];
  if (typeof result !== 'object') throw new Error(`the host ended with ${result}`);
  expectNoSecret(result.stdout, result.stderr);
  return result;
}

function startHost(env: Record<string, string>): Host {
  // Without a file as stdout, which the command line would write to itself.
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
  const path = fileURLToPath(new URL('./host.js', import.meta.url));
  const child = fork(path, [folder], { env: { ...process.env, ...env }, stdio: [...stdio], execArgv: NODE.slice(1) });
  child.unref();
  return { child, idle: firstOf(child, ['message', 'exit']) };
}

function firstOf(child: ChildProcess, events: string[]): Promise<unknown[]> {
  const stop = new AbortController();
  return Promise.race(events.map((event) => once(child, event, stop))).finally(() => stop.abort());
}

/** The same in a process of its own. */
export async function cliProcess(
  args: string[],
  { env, stdin = '', cwd = folder, program = CLI, onStart }: RunOptions = {},
): Promise<Result> {
  const [node, ...options] = NODE;
  const child = spawn(node, [...options, program, ...args], { cwd, env: environment(env) });
  const result = collect(child);
  child.stdin.on('error', () => {}); // the process may end before it has read all
  if (stdin !== false) child.stdin.end(stdin);
  onStart?.(child);
  return result;
}

/** Steps of a test on a terminal: text to wait for, keys to send, and files to wait for. */
export type Steps = ['expect' | 'send' | 'file' | 'wait', string][];

/** Runs the command line on a pseudo-terminal. `stdout` is what it shows, that of stderr included, also to `onText`. */
export async function onTerminal(
  args: string[],
  steps: Steps,
  env: Record<string, string> = {},
  onText: (shown: string) => void = () => {},
  within: 'terminal' | 'shell' = 'terminal',
): Promise<Result> {
  const program = [...NODE, CLI, ...args];
  if (within === 'terminal') return inTerminal(program, steps, env, onText);
  steps.unshift(['expect', 'bash-'], ['send', `${program.map((word) => `'${word}'`).join(' ')}\r`]);
  return inTerminal(['bash', '--norc', '--noprofile', '-i'], steps, env, onText);
}

/** Runs any program on a pseudo-terminal. TERMINAL_COLUMNS in `env` says how wide it is. */
export async function inTerminal(
  command: string[],
  steps: Steps,
  env: Record<string, string> = {},
  onText: (shown: string) => void = () => {},
): Promise<Result> {
  const child = spawn((await findPython()) ?? 'python3', ['-IS', TERMINAL, ...command], {
    cwd: folder,
    env: environment(env),
  });
  child.stdin.end(JSON.stringify(steps));
  let shown = '';
  child.stdout.on('data', (data) => {
    shown += data;
    onText(shown);
  });
  return collect(child);
}

function collect(child: ChildProcess): Promise<Result> {
  const read = (stream: NodeJS.ReadableStream | null) => {
    const chunks: Buffer[] = [];
    stream?.on('data', (chunk) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };
  const stdout = read(child.stdout);
  const stderr = read(child.stderr);
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => {
      try {
        expectNoSecret(stdout(), stderr());
      } catch (error) {
        reject(error);
      }
      resolve({ code: signal === null ? Number(code) : -1, stdout: stdout(), stderr: stderr() });
    });
  });
}
