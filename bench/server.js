// A server in a separate process that sends the same bytes for every request. Prints its port.
import { createServer } from 'node:http';

const pages = new Map();
const page = (size) => {
  if (!pages.has(size)) {
    const secrets = Array.from({ length: size }, (_, i) => ({
      id: `se${String(i).padStart(16, '0')}`,
      tag: `tag-${i}`,
      name: `Secret number ${i}`,
    }));
    pages.set(size, Buffer.from(JSON.stringify({ page: 0, secrets, total: size, totalPages: 1 })));
  }
  return pages.get(size);
};

const server = createServer((request, response) => {
  request.resume();
  const size = Number(new URL(request.url, 'http://x').searchParams.get('pageSize') ?? 250);
  const body = page(size);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('disconnect', () => process.exit());
