/**
 * One process that runs the command line many times, each time from its first line, with modules of its own: most of a
 * process's time is Node's start and that of its fetch. What belongs to a process (signals, terminals, its end) needs a
 * real one, see support.ts.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-host-'));
const bundle = join(folder, 'main.mjs');
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Large packages, which keep no state between runs: Node loads each once, and only if a run needs it. */
const onceLoaded = /** @type {import('esbuild').Plugin} */ ({
  name: 'once-loaded',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/, namespace: 'once' }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /^(commander|fast-check|undici|yaml)($|\/)/ }, ({ path }) => ({ path, namespace: 'once' }));
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
  banner: { js: 'const require = globalThis.requireOfHost;' },
});
Object.assign(globalThis, { requireOfHost: createRequire(import.meta.url) });
await writeFile(bundle, /** @type {{ contents: Uint8Array }} */ (outputFiles[0]).contents);

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

let runs = 0;

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
  process.argv.splice(1, Number.POSITIVE_INFINITY, bundle, ...args);
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

  await import(`${pathToFileURL(bundle).href}?${runs++}`);

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
process.once('disconnect', () => rm(folder, { recursive: true }).finally(() => process.exit()));
process.send?.('ready');
