// Prism with the bundled contract, in this process: 40 ms to start, and nothing is left behind.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { generatedDir } from './contract-dir.js';

/**
 * A mock of the contract; with `upstream` a proxy in front of that server, which tells in the header `sl-violations` what
 * of a request or an answer is not as the contract has it.
 *
 * @param {{ port?: number, host?: string, upstream?: string }} [options] port 0 takes any that is free
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startPrism({ port = 0, host = '127.0.0.1', upstream } = {}) {
  // Prism is CommonJS through and through; as imports its parts would be loaded twice.
  const require = createRequire(import.meta.url);
  const { createServer } = require('@stoplight/prism-http-server');
  const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
  const operations = await getHttpOperationsFromSpec(join(generatedDir, 'openapi.json'));
  const server = createServer(operations, {
    cors: true,
    config: {
      ...(upstream === undefined ? { isProxy: false } : { isProxy: true, upstream: new URL(upstream) }),
      checkSecurity: true,
      validateRequest: true,
      validateResponse: true,
      errors: false,
      mock: { dynamic: false },
      upstreamProxy: undefined,
    },
    components: { logger: silent },
  });
  const url = await server.listen(port, host);
  return { url, close: () => server.close() };
}

const nothing = () => {};
/** Prism's log would print every header of a request, the key included. */
const silent = {
  level: 'silent',
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  success: nothing,
  silent: nothing,
  child: () => silent,
};
