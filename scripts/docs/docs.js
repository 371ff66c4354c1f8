// npm run docs                          builds the docs site into site/
// npm run docs -- --serve [--port 4030] also serves it on loopback
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDocs } from '../lib/docs/docs.js';
import { serveFolder } from '../lib/docs/serve.js';

const site = fileURLToPath(new URL('../../site', import.meta.url));

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
const { pages, bytes } = await buildDocs(site);
console.log(`${pages.length} pages, ${Math.round(bytes / 1000)} kB in ${site}`);
if (!serve) {
  console.log(`Open ${pathToFileURL(site)}/index.html in a browser.`);
} else {
  try {
    const { url } = await serveFolder(site, { port });
    console.log(`The docs are at ${url}\nStop it with Ctrl+C.`);
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}. Try --port 0.`);
    process.exit(1);
  }
}
