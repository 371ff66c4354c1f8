/**
 * One process that runs the command line many times, each time from its first line, with modules of its own: most of a
 * process's time is Node's start and that of its fetch. What belongs to a process (signals, terminals, its end) needs a
 * real one, see support.ts.
 */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The home folder of the worker's runs, which this process removes after the worker. */
const home = /** @type {string} */ (process.argv[2]);
/** What keeps no state between runs: Node loads each once, and only if a run needs it. */
const onceLoaded = /** @type {import('esbuild').Plugin} */ ({
  name: 'once-loaded',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/, namespace: 'once' }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /^(node:|(commander|fast-check|undici|yaml)($|\/))/ }, ({ path }) => ({
      path,
      namespace: 'once',
    }));
    onLoad({ filter: /^/, namespace: 'once' }, ({ path }) => ({ contents: `module.exports = require('${path}')` }));
  },
});
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'error',
  // As scripts/package/build-cli.js has it: the names stay.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [onceLoaded],
});
// A function, which V8 compiles once: it imports nothing, and its modules are variables of each call.
const text = String(outputFiles[0]?.text).replace(/^#!.*/, '');
const main = new Script(`(async (require) => { 'use strict'; ${text}\n})`, { filename: 'main.js' }).runInThisContext();
const require = createRequire(import.meta.url);

const LISTENED = /** @type {const} */ (['exit', 'uncaughtException', 'SIGINT', 'SIGTERM']);

/** @param {Buffer[]} chunks @param {string} [errorCode] */
const collector = (chunks, errorCode) =>
  new Writable({
    write(chunk, _encoding, callback) {
      if (errorCode) return callback(Object.assign(new Error(errorCode), { code: errorCode }));
      chunks.push(chunk);
      callback();
    },
  });

/**
 * @typedef {{ args: string[], env: Record<string, string>, stdin: string, cwd: string, columns?: number, stdoutError?: string }} Run
 * stdin in base64
 * @param {Run} run
 */
async function run({ args, env, stdin, cwd, columns, stdoutError }) {
  const stdout = /** @type {Buffer[]} */ ([]);
  const stderr = /** @type {Buffer[]} */ ([]);
  // The object itself stays: Node hands its changes to the C library, which looks up HOME.
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv.splice(1, Number.POSITIVE_INFINITY, 'main.js', ...args);
  process.exitCode = undefined;
  const streams = {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin, 'base64')], { objectMode: false }),
    stdout: collector(stdout, stdoutError),
    stderr: collector(stderr),
  };
  const terminal = columns && { isTTY: true, columns, setRawMode() {} };
  for (const [name, stream] of Object.entries(streams))
    Object.defineProperty(process, name, { value: Object.assign(stream, terminal), configurable: true });
  const before = LISTENED.map((event) => /** @type {const} */ ([event, new Set(process.rawListeners(event))]));

  await main(require);

  const code = process.exitCode ?? 0;
  for (const [event, kept] of before)
    for (const listener of process.rawListeners(event)) {
      if (kept.has(listener)) continue;
      if (event === 'exit') listener.call(process, code);
      process.off(event, /** @type {() => void} */ (listener));
    }
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

process.on('message', (message) => {
  run(/** @type {any} */ (message)).then(
    (result) => process.send?.(result),
    (error) => process.send?.({ code: -1, stdout: '', stderr: `the host failed: ${error?.stack}` }),
  );
});
process.once('disconnect', () => {
  process.chdir(root); // the folder may be the current one
  rmSync(home, { recursive: true, force: true });
  process.exit();
});
process.send?.('ready');
