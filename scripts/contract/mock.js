// npm run mock [-- --port 4010]             Prism's mock of the contract: stateless, responds with the contract's examples
// npm run mock:proxy -- URL [--port 4010]   Prism's validating proxy in front of a server
//
// Both are Prism's own command line with generated/openapi.yaml. It runs in this process, since npx leaves its child behind
// if it is killed. Needs no network.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatedDir } from '../lib/contract/contract-dir.js';
import { freePort } from '../lib/free-port.js';

const USAGE = `npm run mock [-- --port 4010] [--host 127.0.0.1] [--dynamic]
npm run mock:proxy -- URL [--port 4010] [--host 127.0.0.1] [--errors]

  --port     0 chooses a free port
  --dynamic  responds with random data instead of the contract's examples
  --errors   the proxy responds with an error itself if a request or a response breaks the contract`;

/** @returns {{ command: string[], port: number, host: string }} */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '4010' },
      host: { type: 'string', default: '127.0.0.1' },
      dynamic: { type: 'boolean' },
      errors: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [mode, upstream = '', ...more] = positionals;
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535)
    throw new Error('--port: must be an integer from 0 to 65535');
  const at = { port: Number(values.port), host: values.host };
  const document = join(generatedDir, 'openapi.yaml');
  if (mode === 'proxy') {
    if (!/^https?:$/.test(URL.canParse(upstream) ? new URL(upstream).protocol : ''))
      throw new Error('URL: must be the http or https address of a server, such as http://127.0.0.1:4020');
    if (more.length > 0 || values.dynamic) throw new Error('the proxy takes one URL, and no --dynamic');
    return { ...at, command: ['proxy', document, upstream, ...(values.errors ? ['--errors'] : [])] };
  }
  if (mode !== 'mock' || upstream !== '' || values.errors)
    throw new Error('the mock takes no URL and no --errors; npm run mock:proxy takes both');
  return { ...at, command: ['mock', document, ...(values.dynamic ? ['--dynamic'] : [])] };
}

/**
 * Returns the port, or a free one for 0. Prism prints its whole help if a port is in use, and 0 for a port that the
 * system has chosen.
 *
 * @returns {Promise<number>}
 */
function usablePort(/** @type {number} */ port, /** @type {string} */ host) {
  if (port === 0) return freePort(host);
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, host, () => {
      server.close(() => resolve(port));
    });
  });
}

/** @type {(code: number, message: string) => never} */
function fail(code, message) {
  console.error(message);
  process.exit(code);
}

/** @returns {ReturnType<typeof readArguments>} */
function argumentsOrUsage() {
  try {
    return readArguments();
  } catch (error) {
    return fail(2, `${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
}

const { command, port, host } = argumentsOrUsage();
const chosen = await usablePort(port, host).catch(({ code, message }) =>
  code === 'EADDRINUSE'
    ? fail(
        1,
        `Port ${port} of ${host} is in use. Stop what listens there, or choose another: --port 0 takes a free one.`,
      )
    : fail(1, `Could not listen on port ${port} of ${host}: ${message}. Choose another --port or --host.`),
);
if (process.env.npm_lifecycle_event !== undefined) {
  // npm sends a signal to its shell only, and the shell may end without its child.
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.exit(143), 200).unref();
}
// Without --multiprocess false Prism forks if NODE_ENV is "production". Its log level "debug" would print keys.
process.argv.splice(2, Infinity, ...command, '--port', String(chosen), '--host', host, '--multiprocess', 'false');
createRequire(import.meta.url)('@stoplight/prism-cli/dist/index.js');
