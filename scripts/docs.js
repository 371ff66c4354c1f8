// npm run docs                          renders the contract to site/index.html
// npm run docs -- --serve [--port 4030] also serves it on loopback
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDocs } from './lib/docs.js';

const page = fileURLToPath(new URL('../site/index.html', import.meta.url));

function options() {
  try {
    const { values } = parseArgs({ options: { serve: { type: 'boolean' }, port: { type: 'string' } } });
    const { serve = false, port = '4030' } = values;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error('--port: must be an integer from 0 to 65535');
    return { serve, port: Number(port) };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\nnpm run docs -- [--serve [--port 4030]]`);
    process.exit(2);
  }
}

const { serve, port } = options();
const size = await buildDocs(page);
console.log(`${Math.round(size / 1000)} kB in ${page}`);
if (!serve) {
  console.log(`Open ${pathToFileURL(page)} in a browser.`);
} else {
  const html = await readFile(page);
  const server = createServer(({ url, method }, response) => {
    const isPage = /^\/(index\.html)?(\?|$)/.test(url ?? '');
    response.writeHead(isPage ? 200 : 404, { 'content-type': isPage ? 'text/html; charset=utf-8' : 'text/plain' });
    response.end(method === 'HEAD' ? undefined : isPage ? html : 'Not found. The docs are at /\n');
  });
  server.once('error', (error) => {
    console.error(`${error.message}. Try --port 0.`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', () => {
    const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
    console.log(`The docs are at http://127.0.0.1:${taken}/\nStop it with Ctrl+C.`);
  });
}
