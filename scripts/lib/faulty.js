// An in-memory Cortex on a port that a program in another process may tell what is to go wrong.
import { createServer } from 'node:http';

// What `npm run build` has made: these rooms are not for import from the package.
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { listen } = await built('mock/http.js');
const { fakeCortex } = await built('testing/fake.js');

export async function startFaulty() {
  const { cortex, handle } = fakeCortex({ apiKey: 'canary-of-a-key' });
  const mock = await listen(handle, { port: 0, host: '127.0.0.1', cors: true });
  let leaked = 0;
  const control = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === '/fail') {
      const [operation, fault] = JSON.parse(body);
      cortex.fail(operation, fault);
    } else if (request.url === '/leak') {
      leaked++;
    }
    response.end(String(leaked));
  });
  await new Promise((listening) => control.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (control.address());
  return {
    server: {
      url: mock.url,
      control: `http://127.0.0.1:${port}`,
      apiKey: cortex.apiKey,
      apiKeyWithoutPermission: cortex.apiKeyWithoutPermission,
    },
    async close() {
      await mock.close();
      control.closeAllConnections();
      control.close();
    },
  };
}
