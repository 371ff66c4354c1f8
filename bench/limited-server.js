// A server in a separate process. Pages take 50 ms, creates take 20 ms. It accepts 500 creates in every window of 2
// seconds (counted from the first create) and throttles the others. Prints its port; returns its counters under /seen.
import { createServer } from 'node:http';
import { pageOf } from './work.js';

const PAGES = 40;
const WINDOW_MS = 2000;
const IN_A_WINDOW = 500;

const pages = Array.from({ length: PAGES }, (_, page) => pageOf(1000, page, PAGES));
let begin;
let window = 0;
let left = IN_A_WINDOW;
const seen = { created: 0, throttled: 0, pages: 0 };

function create(response) {
  begin ??= performance.now();
  const at = performance.now() - begin;
  if (Math.floor(at / WINDOW_MS) !== window) {
    window = Math.floor(at / WINDOW_MS);
    left = IN_A_WINDOW;
  }
  if (left-- > 0) {
    const id = `se${String(seen.created++).padStart(16, '0')}`;
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, tag: id }));
  }
  seen.throttled++;
  const retryAfter = Math.ceil((WINDOW_MS - (at % WINDOW_MS)) / 1000);
  response.writeHead(429, { 'content-type': 'application/json', 'retry-after': String(retryAfter) }).end('{}');
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/seen') return response.end(JSON.stringify(seen));
  if (request.method === 'POST') return setTimeout(create, 20, response);
  seen.pages++;
  const page = Number(url.searchParams.get('page'));
  const body = pages[page] ?? pageOf(0, page, PAGES);
  setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(body), 50);
});
// A burst opens thousands of connections at once.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
process.on('disconnect', () => process.exit());
