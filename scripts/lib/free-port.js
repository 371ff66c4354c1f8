// A port of loopback that nobody listens on, for programs that take a number only.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to those who ask for any: nobody gets it between this look and its use. */
const [FIRST, COUNT] = [20_000, 10_000];
let next = (process.pid * 31) % COUNT;

/** @returns {Promise<number>} */
export async function freePort(host = '127.0.0.1') {
  for (let tried = 0; tried < COUNT; tried++) {
    const server = createServer();
    next = (next + 1) % COUNT;
    try {
      await once(server.listen(FIRST + next, host), 'listening');
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'EADDRINUSE' || code === 'EACCES') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return FIRST + next;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}
