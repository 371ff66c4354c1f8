// Serves the files of a folder on loopback, under a path if wanted, as a static host does.
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/**
 * @param {string} folder
 * @param {{ port: number, path?: string }} options `path` begins and ends with a slash
 * @returns {Promise<{ url: string, close: () => void }>}
 * @throws the node:http error if listening fails
 */
export async function serveFolder(folder, { port, path = '/' }) {
  // Only what stands in the folder now can be served: no request is turned into a file's path.
  const files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(path + file.slice(folder.length + 1).replaceAll('\\', '/'), file);
  }
  files.set(path, join(folder, 'index.html'));
  const server = createServer(async ({ url = '', method }, response) => {
    const file = files.get(url.split('?')[0]);
    const type = file ? (TYPES[extname(file)] ?? 'text/plain; charset=utf-8') : 'text/plain';
    const body = file ? await readFile(file) : `Not found. The docs are at ${path}\n`;
    response.writeHead(file ? 200 : 404, { 'content-type': type });
    response.end(method === 'HEAD' ? undefined : body);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${taken}${path}`, close: () => server.close() };
}
